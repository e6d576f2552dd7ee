import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { IssuedLinks } from '../links/link.ts';
import { type ApiResponse, callApi, failureOfProblem, LONGEST_RETRY_AFTER } from '../tvm/api.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Connection } from '../tvm/connection.ts';
import { durationText } from '../tvm/duration.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { countText } from '../tvm/format.ts';
import { createProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';
import type { ApiCall } from '../tvm/sigv4-fetch.ts';
import { understood } from '../tvm/understood.ts';
import { type ListName, linksOfList, noteOf } from './list-links.ts';
import { type Allowance, createPace, readAllowance } from './pace.ts';
import { readList } from './read-list.ts';
import type { Recipient } from './recipient.ts';
import { type Standing, standingView, sumFacts, sumsOf } from './report.ts';

/** The terms that all links of a list share, as members of the `POST /links` body. */
export interface ListTerms {
  readonly asset: string;
  readonly [field: string]: unknown;
}

export interface ListOptions {
  readonly toList: string;
  readonly list?: string | undefined;
  readonly rate?: number | undefined;
  readonly dryRun?: true | undefined;
  readonly report?: true | undefined;
}

type Outcome = Pick<Standing, 'link' | 'problem'>;

/** The properties that all links of one run share. */
interface Mailing {
  readonly connection: Connection;
  readonly name: ListName;
  readonly terms: ListTerms;
}

const AT_ONCE = 8;

/**
 * Issues a link to everyone on a list who does not have one, and reports the state of all links. The ledger shows who
 * has a link, so a run can be stopped at any point and repeated. If the ledger lags behind, the idempotency key of each
 * recipient prevents a second link.
 */
export async function issueToList(session: Session, terms: ListTerms, options: ListOptions): Promise<Ending> {
  const { output, signal } = session;
  const { name: list, recipients } = await readList(session, options.toList, options.list);
  const connection = await session.connect();
  const name: ListName = { asset: terms.asset, list };
  const before = await linksOfList(connection, name, signal);
  const due = recipients.filter(({ mailbox }) => !before.links.has(mailbox));
  let outcomes: ReadonlyMap<string, Outcome> = new Map();
  if (options.report !== true && due.length > 0) {
    const allowance = await readAllowance(connection, options.rate);
    if (options.dryRun === true) forecast(session, due, allowance);
    else {
      await session.confirm(`Mail a link for ${terms.asset} to ${countText(due.length, 'recipient')}?`);
      outcomes = await issueAll(session, { connection, name, terms }, due, allowance);
    }
  }
  const { links, count } = outcomes.size === 0 ? before : await linksOfList(connection, name, signal);
  const standings = recipients.map((recipient): Standing => {
    const link = links.get(recipient.mailbox);
    // The index that lists links may not contain this run's links yet.
    return { recipient, ...outcomes.get(recipient.mailbox), ...(link && { link }) };
  });
  const sums = sumsOf(standings);
  const others = Math.max(count - sums.issued, 0);
  if (output.format === 'json') {
    output.json({ ...name, ...sums, others, people: standings.map(standingView) });
  } else output.facts(sumFacts(sums));
  if (others > 0)
    output.note(`This list also has ${countText(others, 'link')} for recipients who are not in the file.`);
  return printRefused(session, standings);
}

function forecast({ output }: Session, due: readonly Recipient[], { rate, left }: Allowance): void {
  const time = durationText(Math.max(1, Math.ceil(due.length / rate)));
  output.note(`A run would mail ${countText(due.length, 'link')}, in about ${time}.`);
  if (left < due.length)
    output.warn(`SES lets the account send only ${countText(left, 'more e-mail')} today.`);
}

/** Prints the line number and the problem of each recipient that the API refused. */
function printRefused({ output }: Session, standings: readonly Standing[]): Ending {
  const refused = standings.filter(({ problem }) => problem !== undefined);
  for (const { recipient, problem } of refused) output.note(`line ${recipient.line}: ${problem}`);
  return refused.length === 0 ? 'done' : 'no';
}

/**
 * Issues the links that are due, up to the daily SES quota.
 *
 * @throws CommandFailure if not all links could be issued, after printing how many were
 */
async function issueAll(
  { io, output, signal }: Session,
  mailing: Mailing,
  due: readonly Recipient[],
  { rate, left }: Allowance,
): Promise<ReadonlyMap<string, Outcome>> {
  const pace = createPace(io, rate);
  const progress = createProgress(io, 'Mailing', due.length, String);
  const outcomes = new Map<string, Outcome>();
  const issueOne = async (recipient: Recipient) => {
    await pace();
    const response = await callWithWaits(mailing.connection, callFor(mailing, recipient), { io, signal });
    outcomes.set(recipient.mailbox, outcomeOf(response));
    progress.advance(1);
  };
  try {
    await pMap(due.slice(0, left), issueOne, { concurrency: AT_ONCE, signal });
    if (left < due.length) throw new CommandFailure('unreachable', SPENT, 'Run the command again tomorrow.');
  } catch (error) {
    const issued = [...outcomes.values()].filter(({ link }) => link !== undefined).length;
    output.note(`Issued ${issued} of ${countText(due.length, 'link')}. Run the command again for the rest.`);
    throw error;
  } finally {
    progress.done();
  }
  return outcomes;
}

const SPENT = 'The account has used up its daily SES quota.';

function callFor({ name: { asset, list }, terms }: Mailing, recipient: Recipient): ApiCall {
  const { email, mailbox, name, note, language } = recipient;
  const key = createHash('sha256')
    .update(JSON.stringify([asset, list, mailbox]))
    .digest('hex');
  return {
    method: 'POST',
    path: '/links',
    headers: { 'idempotency-key': `list-${key}`, ...(language && { 'accept-language': language }) },
    body: {
      ...terms,
      recipient: email,
      ...(name !== undefined && { recipientName: name }),
      ...(note !== undefined && { message: note }),
      note: noteOf(list),
      reveal: false,
    },
  };
}

/** Problems that concern a single recipient. All others concern the whole list. */
const OF_ONE: ReadonlySet<string> = new Set(['recipient_not_allowed', 'idempotency_key_reused']);

/**
 * Returns the result for one recipient.
 *
 * @throws CommandFailure for a problem that concerns the whole list
 */
function outcomeOf(response: ApiResponse): Outcome {
  if (response.kind === 'problem') {
    if (OF_ONE.has(response.problem.code)) return { problem: response.problem.code };
    throw failureOfProblem(response.problem);
  }
  const [link] = understood(IssuedLinks, response.body).links;
  return link === undefined ? {} : { link: { tokenId: link.tokenId, state: 'live' } };
}

/** Maximum number of waits for one link. */
const MOST_PAUSES = 10;

/** Calls the API, and retries after the time in `Retry-After`, unless that is too long to wait. */
async function callWithWaits(
  connection: Connection,
  call: ApiCall,
  { io, signal }: Pick<Session, 'io' | 'signal'>,
): Promise<ApiResponse> {
  for (let pauses = 0; ; pauses++) {
    const response = await callApi(connection, call, signal);
    if (response.kind === 'success') return response;
    const { status, retryAfter = 5 } = response.problem;
    const mayPass = status === 429 || status === 503;
    if (!mayPass || retryAfter > LONGEST_RETRY_AFTER || pauses === MOST_PAUSES) return response;
    await io.wait(retryAfter * 1000, signal);
  }
}
