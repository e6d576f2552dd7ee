import type { z } from 'zod';
import { bodyOf, callApi } from '../tvm/api.ts';
import type { Connection } from '../tvm/connection.ts';
import type { Io } from '../tvm/io.ts';
import type { ApiCall } from '../tvm/sigv4-fetch.ts';
import { understood } from '../tvm/understood.ts';
import type { Declared } from './declare-file.ts';
import { type SignedPart, SignedParts, StoredParts, Upload, UploadSession } from './upload.ts';

/** The API calls that send a file. All of them can be repeated, and throw a CommandFailure if they are refused. */
export interface UploadsApi {
  /**
   * Opens a session. Repeating a call with the same key returns the same session, with a fresh URL as long as S3 does
   * not have the file.
   */
  open(declared: Declared, key: string): Promise<UploadSession>;
  read(uploadId: string): Promise<Upload>;
  /** Returns the sizes of the parts that S3 has, by part number, or `undefined` if the upload accepts no more parts. */
  storedParts(uploadId: string): Promise<ReadonlyMap<number, number> | undefined>;
  signParts(uploadId: string, partNumbers: readonly number[]): Promise<readonly SignedPart[]>;
  /** Has the server check the file in S3. */
  finalize(uploadId: string): Promise<Upload>;
  cancel(uploadId: string): Promise<void>;
}

export function uploadsApi(
  connection: Pick<Connection, 'deployment' | 'region' | 'credentials'>,
  { signal, wait }: Pick<Io, 'signal' | 'wait'>,
): UploadsApi {
  const pause = (milliseconds: number) => wait(milliseconds, signal);
  const send = async (call: ApiCall) => bodyOf(await callApi(connection, call, signal, pause));
  const ask = async <Schema extends z.ZodType>(schema: Schema, call: ApiCall) =>
    understood(schema, await send(call));
  return {
    open: (body, key) =>
      ask(UploadSession, { method: 'POST', path: '/uploads', headers: { 'idempotency-key': key }, body }),
    read: (uploadId) => ask(Upload, { method: 'GET', path: `/uploads/${uploadId}` }),
    storedParts: async (uploadId) => {
      const sizes = new Map<number, number>();
      const call = { method: 'GET', path: `/uploads/${uploadId}/parts` } as const;
      for (let query: NonNullable<ApiCall['query']> = {}; ; ) {
        const response = await callApi(connection, { ...call, query }, signal, pause);
        if (response.kind === 'problem' && response.problem.code === 'upload_ended') return undefined;
        const { parts, cursor } = understood(StoredParts, bodyOf(response));
        for (const { partNumber, size } of parts) sizes.set(partNumber, size);
        if (cursor === undefined) return sizes;
        query = { cursor };
      }
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
