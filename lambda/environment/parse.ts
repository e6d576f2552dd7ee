import * as z from 'zod/mini';

/**
 * Parses a function's environment. Variables that are not in the schema are ignored.
 *
 * @throws Error with the names of all missing or invalid variables, but not their values
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
