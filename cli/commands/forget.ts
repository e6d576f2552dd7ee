import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  openPseudonyms,
  openTokenStore,
  type Pseudonym,
  parseEmailAddress,
  type TokenId,
} from '../../lambda/operator.ts';
import { type Counts, noCounts } from '../forget/counts.ts';
import { findTraces, type Traces } from '../forget/find-traces.ts';
import { forget } from '../forget/forget.ts';
import { forgetBounces } from '../forget/forget-bounces.ts';
import type { ForgetDependencies } from '../forget/forget-link.ts';
import { type Person, personOf } from '../forget/person.ts';
import { revokeLink } from '../links/revoke-link.ts';
import { bounceQueues } from '../redrive/queues.ts';
import { withTables } from '../tables/with-tables.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Connection } from '../tvm/connection.ts';
import { countText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { createProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';

/** `tvm forget` erases a person's data. */
export const forgetPerson: DefineCommand = (command, run) => {
  const defined = command
    .description(
      "Erases a person's data from links, upload links, receipts, the ledger, and the bounce dead-letter queue, and prints how much it erased. Revokes the person's live links. Files that the person uploaded stay with the inviter. The tables still show that a link was issued and how it ended, but not to whom it was issued. Ignores the address's case and plus-tag. Reads all tables in full. If the command is stopped, run it again to finish.",
    )
    .argument('<address>', "the person's e-mail address")
    .action((address) => run((session) => forgetAddress(session, address)));
  addExamples(defined, [
    ['npx tvm forget ada@example.org', 'Forget a person, after you confirm'],
    ['npx tvm forget ada@example.org --yes --json', 'The same from a script, with the counts in JSON'],
  ]);
};

/** Printed every time, because the person may ask where else their data is. */
const OUT_OF_REACH =
  "Not erased: the person's inbox, SES's suppression list and metrics, the bucket's access log, and backups, which are deleted within 35 days.";

const UNSEEN_BOUNCES =
  'Some bounces are still queued, are being read by another program, or are unreadable. They may name this person for up to 14 days. Run this command again in ten minutes.';

async function forgetAddress(session: Session, text: string): Promise<void> {
  const { io, output, signal, confirm, connect } = session;
  const address = parseEmailAddress(text);
  if (address === undefined) throw new CommandFailure('usage', 'Invalid e-mail address.');
  const connection = await connect();
  await withTables(connection, signal, async (tables) => {
    const person = await withPseudonyms(connection, (hash) => personOf(address, hash));
    output.aside('Reading all tables …');
    const traces = await findTraces(tables, person);
    const links = traces.received.size + traces.invited.size;
    const notices = traces.watched.size + traces.notified.size;
    const total = links + notices;
    if (total > 0) {
      await confirm(
        `Erase this person from ${countText(links, 'link')} and ${countText(notices, 'notice')}? This cannot be undone.`,
      );
    }
    const progress = createProgress(io, 'Erasing', total, (amount) => String(amount));
    const counts = noCounts();
    const deps = {
      tables,
      store: await openTokenStore(tables.client, tables),
      revoke: (tokenId: TokenId) => revokeLink(connection, tokenId, signal),
      clock: io.now,
      counts,
    };
    try {
      // Erase bounces first, while the tables still show which links belong to this person.
      await forgetDeadLetters(connection, person, traces, deps);
      await forget(deps, person, traces, () => progress.advance(1));
    } finally {
      progress.done();
    }
    printCounts(counts, output);
  });
}

async function forgetDeadLetters(
  { deployment, settings }: Connection,
  person: Person,
  traces: Traces,
  { counts, tables: { signal } }: Pick<ForgetDependencies, 'counts' | 'tables'>,
): Promise<void> {
  const sqs = new SQSClient(settings('sqs'));
  try {
    const access = { sqs, pair: bounceQueues(deployment), signal };
    const { removed, unseen } = await forgetBounces(access, person, traces);
    counts.bounces += removed;
    counts.unseenBounces += unseen;
  } finally {
    sqs.destroy();
  }
}

/** Runs a task with a function that computes the same pseudonyms as the Lambda functions. */
async function withPseudonyms<T>(
  { deployment, settings }: Connection,
  task: (hash: (mailbox: string) => Promise<Pseudonym>) => Promise<T>,
): Promise<T> {
  const kms = new KMSClient(settings('kms'));
  try {
    const computeMac = async (KeyId: string, Message: Uint8Array): Promise<Uint8Array> => {
      const command = new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message });
      return (await kms.send(command)).Mac ?? new Uint8Array();
    };
    const pseudonyms = await openPseudonyms(computeMac, deployment.pseudonymKeyId);
    return await task((mailbox) => pseudonyms.of('address', mailbox));
  } finally {
    kms.destroy();
  }
}

function printCounts(counts: Counts, output: Session['output']): void {
  if (output.format === 'json') output.json(counts);
  else {
    output.facts([
      ['links and requests', String(counts.links)],
      ['revoked', String(counts.revoked)],
      ['notices', String(counts.notices)],
      ['upload links', String(counts.uploadLinks)],
      ['records', String(counts.records)],
      ['receipts', String(counts.receipts)],
      ['ledger entries', String(counts.ledgerEntries)],
      ['counters', String(counts.counters)],
      ['bounces', String(counts.bounces)],
      ['bounces not checked', String(counts.unseenBounces)],
    ]);
  }
  if (counts.unseenBounces > 0) output.warn(UNSEEN_BOUNCES);
  output.note(OUT_OF_REACH);
}
