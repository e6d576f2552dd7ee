import { visit } from 'jsonc-parser';
import type { Refusal } from '../domain/errors.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import type { ApiRequest } from './request.ts';
import { VISIBLE_ASCII } from './visible-ascii.ts';

/** Limits the body. No request of ours needs more; longer bodies are not parsed. */
const MAX_BYTES = 8192;

type BodyResult = Result<Readonly<Record<string, unknown>>, Refusal>;

/**
 * Reads a JSON or form body into named values. It is strict, so that no two readers can see two different requests in
 * it: UTF-8 only, no field twice, no unknown media type. A missing `Content-Type` means JSON, because test-invoke sends
 * none.
 */
export function readBody(request: ApiRequest): BodyResult {
  const read = bodyReader(request);
  return read.ok ? read.value() : read;
}

/** Refuses a body without parsing it, which costs nothing, or returns a parser for it. */
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
    // Not UTF-8, not JSON, or nested deeper than the stack.
    return undefined;
  }
}

/**
 * Tells whether a JSON object repeats a name. `JSON.parse` silently keeps the last of two equal names (RFC 8259,
 * section 4); here the request is invalid.
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

/** Tells whether a form is what a browser sends: ASCII, whose escapes spell UTF-8. */
function isEncodedUtf8(text: string): boolean {
  try {
    decodeURIComponent(text);
    return VISIBLE_ASCII.test(text);
  } catch {
    return false;
  }
}
