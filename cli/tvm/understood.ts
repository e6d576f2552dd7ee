import type { z } from 'zod';
import { CommandFailure } from './command-failure.ts';

/**
 * Holds an answer against what this version expects.
 *
 * @throws CommandFailure when the deployment is of another version
 */
export function understood<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const part = read.error.issues[0]?.path.join('.') ?? '';
  throw new CommandFailure(
    'unreachable',
    `This version does not understand the answer of the API${part === '' ? '' : ` (${part})`}.`,
    'Deploy this version, or use tvm in the version that is deployed.',
  );
}
