import type * as z from 'zod/mini';
import type { Refusal } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import { readBody } from './body.ts';
import { check } from './check.ts';
import type { ApiRequest } from './request.ts';

/** Reads a body and checks it against a schema. */
export function readFields<Schema extends z.ZodMiniType>(
  request: ApiRequest,
  schema: Schema,
): Result<z.output<Schema>, Refusal> {
  const body = readBody(request);
  return body.ok ? check(schema, body.value, 'body') : body;
}
