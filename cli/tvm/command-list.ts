import type { Command } from '@commander-js/extra-typings';
import type { Ending } from './exit-codes.ts';
import type { Session } from './session.ts';

/** Runs a command's task in a session made from the command's options. A task that returns no ending counts as done. */
export type Run = (task: (session: Session) => Promise<Ending> | Promise<void>) => Promise<void>;

/** Adds the description, arguments, options, examples, and action of a command. */
export type DefineCommand = (command: Command, run: Run) => void;

/** A command as `tvm --help` lists it. Its file, and the SDK clients that it imports, are loaded only when it runs. */
export interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<DefineCommand>;
}

/** All commands, in the order of `tvm --help`. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'offer',
    summary: 'offer files',
    load: async () => (await import('../commands/offer.ts')).offer,
  },
  {
    name: 'withdraw',
    summary: 'withdraw offered files',
    load: async () => (await import('../commands/withdraw.ts')).withdraw,
  },
  {
    name: 'assets',
    summary: 'list the offered files',
    load: async () => (await import('../commands/assets.ts')).assets,
  },
  {
    name: 'upload',
    summary: 'upload a file, to be scanned for malware and published',
    load: async () => (await import('../commands/upload.ts')).upload,
  },
  {
    name: 'uploads',
    summary: 'list uploads, and release, reject, or rescan them',
    load: async () => (await import('../commands/uploads.ts')).uploads,
  },
  {
    name: 'invite',
    summary: 'invite somebody without an account to upload files',
    load: async () => (await import('../commands/invite.ts')).inviteUploader,
  },
  {
    name: 'invites',
    summary: 'list, show, extend, and revoke your invitations',
    load: async () => (await import('../commands/invites.ts')).invites,
  },
  {
    name: 'issue',
    summary: 'issue single-use links for a file',
    load: async () => (await import('../commands/issue.ts')).issue,
  },
  {
    name: 'remind',
    summary: 'remind recipients who have not redeemed their links',
    load: async () => (await import('../commands/remind.ts')).remind,
  },
  {
    name: 'show',
    summary: 'show the state of a link',
    load: async () => (await import('../commands/show.ts')).show,
  },
  {
    name: 'list',
    summary: 'list links, newest first',
    load: async () => (await import('../commands/list.ts')).list,
  },
  {
    name: 'revoke',
    summary: 'revoke links permanently',
    load: async () => (await import('../commands/revoke.ts')).revoke,
  },
  {
    name: 'trace',
    summary: 'show who a watermarked copy was made for',
    load: async () => (await import('../commands/trace.ts')).trace,
  },
  {
    name: 'watch',
    summary: 'print the events of links and uploads as they occur',
    load: async () => (await import('../commands/watch.ts')).watch,
  },
  {
    name: 'export',
    summary: 'export links and redemptions as CSV or JSON lines',
    load: async () => (await import('../commands/export.ts')).exportLeads,
  },
  {
    name: 'audit',
    summary: 'check that every link is in exactly one state',
    load: async () => (await import('../commands/audit.ts')).auditCommand,
  },
  {
    name: 'forget',
    summary: "erase a person's data",
    load: async () => (await import('../commands/forget.ts')).forgetPerson,
  },
  {
    name: 'redrive',
    summary: 'list failed messages, and move them back to their queue',
    load: async () => (await import('../commands/redrive.ts')).redrive,
  },
  {
    name: 'smoke',
    summary: 'test a deployment: issue, redeem, replay, revoke',
    load: async () => (await import('../commands/smoke.ts')).smoke,
  },
  {
    name: 'doctor',
    summary: 'check a deployment, and print what to fix',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'leftovers',
    summary: 'list what a destroyed stack left behind',
    load: async () => (await import('../commands/leftovers.ts')).leftovers,
  },
];
