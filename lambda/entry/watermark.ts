import { createWatermarkHandler } from '../handlers/stream.ts';
import { copyStamper } from './stampers.ts';
import { streamed, streams } from './streams.ts';

export const handler = streamed(createWatermarkHandler({ ...(await streams()), stamper: copyStamper }));
