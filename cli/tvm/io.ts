import type { Readable, Writable } from 'node:stream';

/** Where text goes. */
export type TextStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What surrounds a command: the process's own streams and environment, or a test's. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Data only. */
  readonly stdout: TextStream;
  /** Messages, questions and progress. */
  readonly stderr: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  now(): Date;
}

const DEFAULT_COLUMNS = 80;

/** Columns of a terminal, or what `COLUMNS` says, or 80. */
export function columnsOf({ columns }: TextStream, env: Io['env']): number {
  const told = /^\d{1,4}$/.test(env.COLUMNS ?? '') ? Number(env.COLUMNS) : undefined;
  return told || columns || DEFAULT_COLUMNS;
}
