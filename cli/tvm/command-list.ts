import type { Command } from '@commander-js/extra-typings';
import type { Ending } from './exit-codes.ts';
import type { Session } from './session.ts';

/** Runs what a command does, with the session that its options make. */
export type Run = (task: (session: Session) => Promise<Ending>) => Promise<void>;

/** Gives a command its description, arguments, options, examples and action. */
export type DefineCommand = (command: Command, run: Run) => void;

/** A command as `tvm --help` lists it. Its file, and what that needs of the SDK, is loaded once it is asked for. */
export interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<DefineCommand>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'offer',
    summary: 'put files on offer',
    load: async () => (await import('../commands/offer.ts')).offer,
  },
  {
    name: 'withdraw',
    summary: 'take files off offer',
    load: async () => (await import('../commands/withdraw.ts')).withdraw,
  },
  {
    name: 'assets',
    summary: 'list what is on offer',
    load: async () => (await import('../commands/assets.ts')).assets,
  },
  {
    name: 'issue',
    summary: 'issue links for a file, each redeemed exactly once',
    load: async () => (await import('../commands/issue.ts')).issue,
  },
  {
    name: 'show',
    summary: 'say what became of a link',
    load: async () => (await import('../commands/show.ts')).show,
  },
  {
    name: 'list',
    summary: 'list links, newest first',
    load: async () => (await import('../commands/list.ts')).list,
  },
  {
    name: 'revoke',
    summary: 'revoke links at once and for ever',
    load: async () => (await import('../commands/revoke.ts')).revoke,
  },
  {
    name: 'export',
    summary: 'write leads and redemptions as CSV or JSON lines',
    load: async () => (await import('../commands/export.ts')).exportLeads,
  },
  {
    name: 'audit',
    summary: 'check that every link is in exactly one state',
    load: async () => (await import('../commands/audit.ts')).auditCommand,
  },
  {
    name: 'forget',
    summary: 'take a person out of everything that is kept',
    load: async () => (await import('../commands/forget.ts')).forgetPerson,
  },
  {
    name: 'redrive',
    summary: 'show messages that failed, and send them again',
    load: async () => (await import('../commands/redrive.ts')).redrive,
  },
  {
    name: 'smoke',
    summary: 'try a deployment: issue, redeem, replay, revoke',
    load: async () => (await import('../commands/smoke.ts')).smoke,
  },
  {
    name: 'doctor',
    summary: 'look for what is not as it should be',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'leftovers',
    summary: 'list what a destroyed stack left behind',
    load: async () => (await import('../commands/leftovers.ts')).leftovers,
  },
];
