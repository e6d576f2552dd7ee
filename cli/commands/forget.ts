import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  epochSeconds,
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
import { queuePair } from '../redrive/queues.ts';
import { withTables } from '../tables/with-tables.ts';
import { callApi, failureOfProblem } from '../tvm/api.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Connection } from '../tvm/connection.ts';
import { addExamples } from '../tvm/help.ts';
import { createProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';

/** `tvm forget`: takes a person out of everything that is kept. */
export const forgetPerson: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Takes a person out of links, receipts, history and the dead letters of bounces, and says how many of what. Live links to them are revoked. What stays is that a link was issued, and how it ended, but not for whom. Case and plus-tags of the address do not matter. May be run again: what is left of an interrupted run is finished, and then there is nothing left to count. Reads all of the tables.',
    )
    .argument('<address>', 'their e-mail address')
    .action((address) =>
      run(async (session) => {
        await forgetAddress(session, address);
        return 'done';
      }),
    );
  addExamples(defined, [
    ['npx tvm forget ada@example.org', 'Forget a person, after a question'],
    ['npx tvm forget ada@example.org --yes --json', 'The same from a script, with counts in JSON'],
  ]);
};

/** Said each time, since the person who asked to be forgotten may ask where else they are. */
const OUT_OF_REACH =
  'Not reached: their inbox, suppression and metrics of SES, the access log of the bucket, and backups, which go within 35 days.';

/** A bounce is read by its function alone, or by somebody who redrives it. */
const UNSEEN_BOUNCES =
  'Some bounces wait for their function, are held by somebody else, or could not be read. They may name this person, for 14 days at most: run it again in ten minutes.';

async function forgetAddress(session: Session, text: string): Promise<void> {
  const { io, output, signal, confirm, connect } = session;
  const address = parseEmailAddress(text);
  if (address === undefined) throw new CommandFailure('usage', 'That is no e-mail address.');
  const connection = await connect();
  await withTables(connection, signal, async (tables) => {
    const person = await withPseudonyms(connection, (hash) => personOf(address, hash));
    output.aside('Looking through all tables …');
    const traces = await findTraces(tables, person);
    const { received, watched } = traces;
    const total = received.size + watched.size;
    if (total > 0) {
      await confirm(
        `Forget ${counted(received.size, 'link')} of theirs and ${counted(watched.size, 'notice')} to them, for good?`,
      );
    }
    const progress = createProgress(io, 'Forgetting', total, (amount) => String(amount));
    const counts = noCounts();
    const deps = {
      tables,
      store: await openTokenStore(tables.client, tables),
      revoke: (tokenId: TokenId) => revoke(connection, tokenId, signal),
      now: () => epochSeconds(io.now()),
      counts,
    };
    try {
      // First, while the tables still tell which links were theirs.
      await forgetDeadLetters(connection, person, traces, deps);
      await forget(deps, person, traces, () => progress.advance(1));
    } finally {
      progress.done();
    }
    tell(counts, output);
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
    const access = { sqs, pair: queuePair(deployment, 'bounces'), signal };
    const { removed, unseen } = await forgetBounces(access, person, traces);
    counts.bounces += removed;
    counts.unseenBounces += unseen;
  } finally {
    sqs.destroy();
  }
}

/** The pseudonym of a mailbox, as the functions make it. */
async function withPseudonyms<T>(
  { deployment, settings }: Connection,
  task: (hash: (mailbox: string) => Promise<Pseudonym>) => Promise<T>,
): Promise<T> {
  const kms = new KMSClient(settings('kms'));
  try {
    const pseudonyms = await openPseudonyms(kms, deployment.pseudonymKeyId);
    return await task((mailbox) => pseudonyms.of('address', mailbox));
  } finally {
    kms.destroy();
  }
}

/** Through the API, as everybody revokes. One that was redeemed or is gone meanwhile is no live link either. */
async function revoke(connection: Connection, tokenId: TokenId, signal: AbortSignal): Promise<void> {
  const answer = await callApi(connection, { method: 'DELETE', path: `/operator/tokens/${tokenId}` }, signal);
  if (answer.kind === 'answer' || [404, 409].includes(answer.problem.status)) return;
  throw failureOfProblem(answer.problem);
}

function tell(counts: Counts, output: Session['output']): void {
  if (output.format === 'json') output.json(counts);
  else {
    output.facts([
      ['links and requests', String(counts.links)],
      ['revoked', String(counts.revoked)],
      ['notices to them', String(counts.notices)],
      ['records', String(counts.records)],
      ['receipts', String(counts.receipts)],
      ['ledger lines', String(counts.ledgerLines)],
      ['counters', String(counts.counters)],
      ['dead letters of bounces', String(counts.bounces)],
      ['bounces not looked into', String(counts.unseenBounces)],
    ]);
  }
  if (counts.unseenBounces > 0) output.warn(UNSEEN_BOUNCES);
  output.note(OUT_OF_REACH);
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
