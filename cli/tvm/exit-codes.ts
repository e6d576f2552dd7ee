/** The exit codes of `tvm`. `--help` and the manual print this table. */
export const EXIT_CODES = {
  done: { status: 0, meaning: 'Done, or the check passed' },
  no: { status: 1, meaning: 'Refused, declined, or a check failed' },
  usage: { status: 2, meaning: 'Incorrect usage, or neither a terminal nor --yes to confirm' },
  notFound: { status: 3, meaning: 'The file, link, deployment, or local mode was not found' },
  unreachable: { status: 4, meaning: 'A service could not be reached, or refused the credentials' },
  pending: { status: 5, meaning: 'Sent, but the malware scan has not finished yet' },
  parked: { status: 6, meaning: 'Sent, but an operator has to decide (tvm uploads)' },
  defect: { status: 70, meaning: 'A bug in this program; the stack trace is printed' },
  interrupted: { status: 130, meaning: 'Stopped by Ctrl-C (143: by SIGTERM); run it again to finish' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly meaning: string }>>;

/** The possible endings of a command. */
export type Ending = keyof typeof EXIT_CODES;

export const statusOf = (ending: Ending): number => EXIT_CODES[ending].status;

/** Returns the table of exit codes as lines of text. */
export function exitCodeLines(): readonly string[] {
  return Object.values(EXIT_CODES).map(({ status, meaning }) => `  ${String(status).padEnd(5)}${meaning}`);
}
