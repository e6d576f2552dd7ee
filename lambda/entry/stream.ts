import { createStreamHandler } from '../handlers/stream.ts';
import { streamed, streams } from './streams.ts';

export const handler = streamed(createStreamHandler(await streams()));
