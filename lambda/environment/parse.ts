import * as z from 'zod/mini';

/**
 * Reads a function's environment. Keys that the schema does not name are left alone.
 *
 * @throws Error naming every key that is missing or invalid, and no value
 */
export function parseEnvironment<Schema extends z.ZodMiniObject>(
  schema: Schema,
  variables: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const own = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, variables[key]]));
  const parsed = z.safeParse(schema, own);
  if (parsed.success) return parsed.data;
  const keys = parsed.error.issues.map((issue) => issue.path.join('.'));
  throw new Error(`Missing or invalid environment variables: ${keys.join(', ')}`);
}
