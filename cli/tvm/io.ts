import type { Readable, Writable } from 'node:stream';

/** A standard stream to write to. */
export type TextStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The streams, environment, clock, and timer of a command. Tests supply their own. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Data only. */
  readonly stdout: TextStream;
  /** Messages, questions, and progress. */
  readonly stderr: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  now(): Date;
  /** Rejects as soon as the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

const DEFAULT_COLUMNS = 80;

/** Returns the width in `COLUMNS`, or else the terminal's width, or else 80. */
export function columnsOf({ columns }: TextStream, env: Io['env']): number {
  const given = /^\d{1,4}$/.test(env.COLUMNS ?? '') ? Number(env.COLUMNS) : undefined;
  return given || columns || DEFAULT_COLUMNS;
}
