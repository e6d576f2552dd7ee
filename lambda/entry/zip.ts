import { clientZipper } from '../adapters/client-zipper.ts';
import { createZipHandler } from '../handlers/stream.ts';
import { streamed, streams } from './streams.ts';

export const handler = streamed(createZipHandler({ ...(await streams()), zipper: clientZipper }));
