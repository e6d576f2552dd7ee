import type { z } from 'zod';
import { CommandFailure } from './command-failure.ts';

/**
 * Parses a response from the API.
 *
 * @throws CommandFailure if the response does not match the schema, which means that another version is deployed
 */
export function understood<Schema extends z.ZodType>(schema: Schema, response: unknown): z.output<Schema> {
  const read = schema.safeParse(response);
  if (read.success) return read.data;
  const part = read.error.issues[0]?.path.join('.') ?? '';
  throw new CommandFailure(
    'unreachable',
    `This version does not understand the response from the API${part === '' ? '' : ` (${part})`}.`,
    'Deploy this version, or use the version of tvm that is deployed.',
  );
}
