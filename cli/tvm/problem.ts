import { z } from 'zod';

/** What a command uses of a problem document (RFC 9457); docs/protocol.md lists the codes. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  /** The part of the request at fault. */
  readonly field?: string;
  /** When what was to be revoked had been redeemed; RFC 3339, UTC. */
  readonly redeemedAt?: string;
}

const Document = z.object({
  title: z.string().max(200),
  code: z.string().regex(/^[a-z_]{1,60}$/),
  field: z.string().max(60).exactOptional(),
  redeemedAt: z.iso.datetime().exactOptional(),
});

/** Reads a problem; an answer that is none, such as that of a proxy on the way, becomes one by its status. */
export function readProblem(status: number, body: unknown): Problem {
  const read = Document.safeParse(body);
  return read.success
    ? { status, ...read.data }
    : { status, title: `The API answered with HTTP status ${status}`, code: 'no_problem_document' };
}
