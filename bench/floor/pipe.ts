/* A baseline: the leanest function that streams a file. It pipes S3's response to the caller. */
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { send } from './aws.ts';

export const handler = awslambda.streamifyResponse(async (_event: unknown, stream: Writable) => {
  const file = await send('s3', 'GET', `/${process.env.FILE_BUCKET ?? ''}/gated/report.pdf`);
  await pipeline(file, awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: {} }));
});
