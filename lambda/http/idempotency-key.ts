import * as z from 'zod/mini';
import type { Refusal } from '../domain/errors.ts';
import { nameRequest, type Repetition } from '../domain/idempotency.ts';
import type { CallerId, Tenant } from '../domain/ids.ts';
import type { Pseudonyms } from '../domain/ports.ts';
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

/**
 * Returns the identity of a request; `undefined` if it has no idempotency key.
 *
 * @param fields parsed fields, which have a fixed order and include all defaults, so the same request always gives the
 *   same text
 */
export async function repetitionOf(
  pseudonyms: Pseudonyms,
  { caller, key, fields }: { caller: CallerId | Tenant; key: string | undefined; fields: object },
): Promise<Repetition | undefined> {
  if (key === undefined) return undefined;
  return await nameRequest(pseudonyms, { caller, key, body: JSON.stringify(fields) });
}
