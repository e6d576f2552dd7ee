import { z } from 'zod';

/** The members of a problem document (RFC 9457) that commands use. docs/protocol.md lists the codes. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  /** The invalid part of the request. */
  readonly field?: string;
  /** When a link that should be revoked was redeemed: RFC 3339 in UTC. */
  readonly redeemedAt?: string;
}

const Document = z.object({
  title: z.string().max(200),
  code: z.string().regex(/^[a-z_]{1,60}$/),
  field: z.string().max(60).exactOptional(),
  redeemedAt: z.iso.datetime().exactOptional(),
});

/** Reads a problem. For any other error answer, such as that of a proxy, returns a problem that names the status. */
export function readProblem(status: number, body: unknown): Problem {
  const read = Document.safeParse(body);
  return read.success
    ? { status, ...read.data }
    : { status, title: `The API answered with HTTP status ${status}`, code: 'no_problem_document' };
}
