import * as z from 'zod/mini';
import { type Field, MEMBERS, type Refusal } from '../domain/errors.ts';
import { fail, ok, type Result } from '../domain/result.ts';

/** Creates a schema for text that the parser accepts. */
export function parsed<T>(parse: (text: string) => T | undefined) {
  return z.pipe(
    z.string(),
    z.transform((text: string, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', message: 'refused', input: text });
      return z.NEVER;
    }),
  );
}

/**
 * Checks values against a schema.
 *
 * @param whole name to report if no single field is at fault, or if the field is unknown
 */
export function check<Schema extends z.ZodMiniType>(
  schema: Schema,
  values: unknown,
  whole: Field,
): Result<z.output<Schema>, Refusal> {
  const result = schema.safeParse(values);
  if (result.success) return ok(result.data);
  const [first = '', index] = result.error.issues[0]?.path ?? [];
  const field = MEMBERS.find((member) => member === first) ?? whole;
  const isPlace = field === 'assets' && typeof index === 'number';
  return fail({ code: 'invalid_request', field, ...(isPlace && { position: index + 1 }) });
}

/** Checks query parameters against a schema. A repeated parameter is refused. */
export function checkQuery<Schema extends z.ZodMiniType>(
  schema: Schema,
  query: Readonly<Record<string, readonly string[]>>,
): Result<z.output<Schema>, Refusal> {
  const values = Object.entries(query).map(([name, given]) => [name, given.length === 1 ? given[0] : given]);
  return check(schema, Object.fromEntries(values), 'query');
}
