import { visit } from 'jsonc-parser';
import type * as z from 'zod/mini';
import type { Refusal } from '../domain/errors.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { check } from './check.ts';
import type { ApiRequest } from './request.ts';
import { VISIBLE_ASCII } from './visible-ascii.ts';

/** Longest body that is parsed, in bytes. No valid request is longer. */
const MAX_BYTES = 8192;

type BodyResult = Result<Readonly<Record<string, unknown>>, Refusal>;

/** Reads a body and checks it against a schema. */
export function readFields<Schema extends z.ZodMiniType>(
  request: ApiRequest,
  schema: Schema,
): Result<z.output<Schema>, Refusal> {
  const read = bodyReader(request);
  if (!read.ok) return read;
  const body = read.value();
  return body.ok ? check(schema, body.value, 'body') : body;
}

/**
 * Checks the headers and the body's length, which costs nothing, and returns a parser for the JSON or form body.
 * Parsing is strict (UTF-8 only, no repeated fields, and no unknown media types), so that all parsers interpret a
 * request in the same way. A missing `Content-Type` means JSON, because test-invoke sends none.
 */
export function bodyReader(request: ApiRequest): Result<() => BodyResult, Refusal> {
  const type = (request.header('content-type') ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase();
  const parse = type === 'application/json' ? parseJson : type === FORM ? parseForm : undefined;
  if (parse === undefined) return fail({ code: 'unsupported_media_type' });
  if (request.body.length > MAX_BYTES) return fail({ code: 'payload_too_large' });
  return ok(() => {
    const values = parse(request.body);
    return values === undefined ? fail({ code: 'invalid_request', field: 'body' }) : ok(values);
  });
}

const FORM = 'application/x-www-form-urlencoded';

function parseJson(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && !hasDuplicates(text) ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not UTF-8, not JSON, or too deeply nested.
    return undefined;
  }
}

/**
 * Returns whether a JSON object repeats a name. `JSON.parse` silently keeps the last of two equal names (RFC 8259,
 * section 4), but we reject such requests.
 */
function hasDuplicates(text: string): boolean {
  const open: Set<string>[] = [];
  let duplicate = false;
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectProperty: (name) => {
      const names = open.at(-1);
      duplicate ||= names?.has(name) === true;
      names?.add(name);
    },
    onObjectEnd: () => {
      open.pop();
    },
  });
  return duplicate;
}

function parseForm(body: Uint8Array): Record<string, unknown> | undefined {
  const text = Buffer.from(body).toString('latin1');
  if (text === '' || !isEncodedUtf8(text)) return undefined;
  const fields = [...new URLSearchParams(text)];
  const names = new Set(fields.map(([name]) => name));
  return names.size === fields.length ? Object.fromEntries(fields) : undefined;
}

/** Returns whether a form is encoded as browsers encode it: in ASCII, with escapes that decode to UTF-8. */
function isEncodedUtf8(text: string): boolean {
  try {
    decodeURIComponent(text);
    return VISIBLE_ASCII.test(text);
  } catch {
    return false;
  }
}
