import { z } from 'zod';
import { parseAssetName } from '../domain/asset-name.ts';
import type { Field, Refusal } from '../domain/errors.ts';
import { parseTokenId } from '../domain/ids.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { parseEmailAddress } from './address.ts';

/** A text that a parser of ours accepts. */
const parsed = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: 'refused' });
    return z.NEVER;
  });

/** Any text: whether it is a token is the domain's to say, in one answer for all that are none. */
const token = z.string().max(2048);

/** The longest link: 400 days; the shortest: a minute. In seconds. */
const LIFETIME = { min: 60, max: 34_560_000 } as const;

/** `POST /token` */
export const tokenRequest = z.strictObject({
  email: parsed(parseEmailAddress),
  asset: parsed(parseAssetName),
});

/** `POST /redeem`, `POST /redeem/renew`, `POST /redeem/report` */
export const tokenBody = z.strictObject({ token });

/** `POST /links` */
export const linkRequest = z.strictObject({
  asset: parsed(parseAssetName),
  expiresIn: z.int().min(LIFETIME.min).max(LIFETIME.max).optional(),
  open: z.enum(['confirm', 'direct']).default('confirm'),
});

/** `/links/{tokenId}` */
export const linkPath = z.strictObject({ tokenId: parsed(parseTokenId) });

/** `GET /redeem`, `GET /download` */
export const tokenQuery = z.object({ token });

/** `GET /` */
export const formQuery = z.object({ asset: parsed(parseAssetName).optional() });

const FIELDS: ReadonlySet<string> = new Set<Field>([
  'email',
  'asset',
  'token',
  'expiresIn',
  'open',
  'tokenId',
]);

/**
 * Holds values against a schema.
 *
 * @param whole what is named when no single field is at fault, or an unknown one
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  values: unknown,
  whole: Field,
): Result<z.output<Schema>, Refusal> {
  const result = schema.safeParse(values);
  if (result.success) return ok(result.data);
  const first = String(result.error.issues[0]?.path[0] ?? '');
  const field = FIELDS.has(first) ? (first as Field) : whole;
  return fail({ code: 'invalid_request', field });
}

/** Holds query parameters against a schema; one that is given twice is refused, parameters of others are ignored. */
export function checkQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: Readonly<Record<string, readonly string[]>>,
): Result<z.output<Schema>, Refusal> {
  const values = Object.entries(query).map(([name, given]) => [name, given.length === 1 ? given[0] : given]);
  return check(schema, Object.fromEntries(values), 'query');
}
