/** What the end of a command means to a script: THE table, which `--help` and the manual show. */
export const EXIT_CODES = {
  done: { status: 0, meaning: 'Done; of a check: all is well' },
  no: { status: 1, meaning: 'The answer is no: refused, declined, or a check failed' },
  usage: { status: 2, meaning: 'Wrong usage, or nobody there to confirm and no --yes' },
  notFound: { status: 3, meaning: 'There is no such file, link, deployment or laptop' },
  unreachable: { status: 4, meaning: 'Could not sign in, reach or use a service' },
  defect: { status: 70, meaning: 'A defect of this program, shown with its stack' },
  interrupted: { status: 130, meaning: 'Stopped by Ctrl-C (143: by SIGTERM); run it again to finish' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly meaning: string }>>;

/** How a command ends. */
export type Ending = keyof typeof EXIT_CODES;

/** The process's exit status for it. */
export const statusOf = (ending: Ending): number => EXIT_CODES[ending].status;

/** The table as lines of text. */
export function exitCodeLines(): readonly string[] {
  return Object.values(EXIT_CODES).map(({ status, meaning }) => `  ${String(status).padEnd(5)}${meaning}`);
}
