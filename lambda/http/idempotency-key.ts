import * as z from 'zod/mini';
import type { Refusal } from '../domain/errors.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import type { ApiRequest } from './request.ts';
import { VISIBLE_ASCII } from './visible-ascii.ts';

/** Schema of the `Idempotency-Key` header: 1 to 255 characters of visible ASCII. */
export const idempotencyKey = z.string().check(z.maxLength(255), z.regex(VISIBLE_ASCII));

/** Reads the `Idempotency-Key` header; returns `undefined` if the request has none. */
export function readIdempotencyKey(request: ApiRequest): Result<string | undefined, Refusal> {
  const key = request.header('idempotency-key');
  return key === undefined || idempotencyKey.safeParse(key).success
    ? ok(key)
    : fail({ code: 'invalid_request', field: 'Idempotency-Key' });
}
