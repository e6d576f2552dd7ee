import type { z } from 'zod';
import { callApiOrFail } from '../tvm/api.ts';
import type { Connection } from '../tvm/connection.ts';
import type { Io } from '../tvm/io.ts';
import type { ApiCall } from '../tvm/sigv4-fetch.ts';
import { understood } from '../tvm/understood.ts';
import type { Declared } from './declare-file.ts';
import { type SignedPart, SignedParts, StoredParts, Upload, UploadSession } from './upload.ts';

/** The calls of the API that send a file. All of them can be repeated. They throw a CommandFailure if they are refused. */
export interface UploadsApi {
  /** Opens a session. The same key opens it only once, and gets a fresh URL as long as S3 does not have the file. */
  open(declared: Declared, key: string): Promise<UploadSession>;
  read(uploadId: string): Promise<Upload>;
  /** Returns the sizes of the parts that S3 has, by their numbers. */
  storedParts(uploadId: string): Promise<ReadonlyMap<number, number>>;
  signParts(uploadId: string, partNumbers: readonly number[]): Promise<readonly SignedPart[]>;
  /** Has the server check what S3 has. */
  finalize(uploadId: string): Promise<Upload>;
  cancel(uploadId: string): Promise<void>;
}

export function uploadsApi(
  connection: Pick<Connection, 'deployment' | 'region' | 'credentials'>,
  { signal, wait }: Pick<Io, 'signal' | 'wait'>,
): UploadsApi {
  const send = (call: ApiCall) => callApiOrFail(connection, call, signal, (ms) => wait(ms, signal));
  const ask = async <Schema extends z.ZodType>(schema: Schema, call: ApiCall) =>
    understood(schema, await send(call));
  return {
    open: (body, key) =>
      ask(UploadSession, { method: 'POST', path: '/uploads', headers: { 'idempotency-key': key }, body }),
    read: (uploadId) => ask(Upload, { method: 'GET', path: `/uploads/${uploadId}` }),
    storedParts: async (uploadId) => {
      const sizes = new Map<number, number>();
      let query: NonNullable<ApiCall['query']> | undefined = {};
      while (query !== undefined) {
        const page: z.infer<typeof StoredParts> = await ask(StoredParts, {
          method: 'GET',
          path: `/uploads/${uploadId}/parts`,
          query,
        });
        for (const { partNumber, size } of page.parts) sizes.set(partNumber, size);
        query = page.cursor === undefined ? undefined : { cursor: page.cursor };
      }
      return sizes;
    },
    signParts: async (uploadId, partNumbers) => {
      const path = `/uploads/${uploadId}/parts`;
      return (await ask(SignedParts, { method: 'POST', path, body: { partNumbers } })).parts;
    },
    finalize: (uploadId) => ask(Upload, { method: 'POST', path: `/uploads/${uploadId}/finalize` }),
    cancel: async (uploadId) => {
      await send({ method: 'DELETE', path: `/uploads/${uploadId}` });
    },
  };
}
