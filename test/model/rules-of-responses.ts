import type { Redemption, StreamedRedemption } from '../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { epochSeconds, secondsAfter } from '../../lambda/domain/ids.ts';
import type { Mail } from '../../lambda/domain/ports.ts';
import type { Delivery, TokenState } from '../../lambda/domain/records.ts';
import { tokensIn } from '../support/memory-world.ts';
import type { Actor, Operation } from './actor.ts';
import { type Entry, type Referee, stateSeenBy } from './referee.ts';
import { isWrongCode } from './rules-of-codes.ts';
import { OUTSIDE } from './sources.ts';
import { CLOCK_SKEW_SECONDS } from './stage.ts';

/** A refusal as the caller sees it. `at` is the time when the token ended. */
interface Refused {
  readonly code: string;
  readonly at?: number;
  readonly attemptsLeft?: number;
}

/** Checks an e-mail when it is sent. */
export function judgeMail(
  referee: Referee,
  actor: Actor,
  entry: Entry,
  atStart: TokenState,
  mail: Mail,
): void {
  const tokens = tokensIn(mail);
  if (tokens.length !== 1 || tokens[0] !== entry.token) {
    referee.violate('a record has one token', `${actor.name} mailed another token for ${entry.name}`);
  }
  if (atStart !== 'live' && !entry.everLost) {
    referee.violate(
      'no e-mail is sent for an ended token',
      `${actor.name} mailed ${entry.name}, which was ${atStart}`,
    );
  }
}

/** Checks that an API link is mailed again only if each earlier mailer hit a fault or was killed. */
export function judgeOneMail(referee: Referee, actor: Actor, { name, record, mailers }: Entry): void {
  const before = mailers.find(({ faults, state }) => faults.length === 0 && state !== 'killed');
  if (record.callerId !== undefined && before !== undefined) {
    referee.violate('an API link is mailed once', `${before.name} and ${actor.name} mailed ${name}`);
  }
  mailers.push(actor);
}

/** Records that a caller got the file, and checks that the caller was entitled to it. */
export function judgeRedemption(
  referee: Referee,
  actor: Actor,
  entry: Entry,
  atStart: TokenState,
  given: Redemption | StreamedRedemption,
): void {
  if (entry.winner !== undefined) {
    referee.violate(
      'one redemption wins',
      `${entry.winner.name} and ${actor.name} both got the file of ${entry.name}`,
    );
  }
  entry.winner = actor;
  entry.secret = given.secret;
  entry.version = versionIn(given);
  if (entry.receipt?.kind !== 'redeemed' || entry.owner !== actor) {
    referee.violate(
      'one redemption wins',
      `${actor.name} got the file of ${entry.name} without a receipt of its own`,
    );
  }
  if (atStart !== 'live' && !entry.everLost) {
    referee.violate(
      'an ended token opens nothing',
      `${actor.name} got the file of ${entry.name}, which was ${atStart}`,
    );
  }
  if ('url' in given && !actor.urls.includes(given.url)) {
    referee.violate('no link is spent without a file', `${actor.name} has a URL that was never signed`);
  }
  if ('url' in given && entry.record.delivery === 'stream') {
    referee.violate('a streamed link yields no URL', `${actor.name} was given a URL for ${entry.name}`);
  }
  if (entry.record.delivery === 'proxy' && actor.operation !== 'relay') {
    referee.violate('only the proxy gets proxied files', `${actor.name} was given the file of ${entry.name}`);
  }
}

/** Returns the version of the file that a response delivers. */
export function versionIn(given: Redemption | StreamedRedemption): string | undefined {
  return 'url' in given
    ? (new URL(given.url).searchParams.get('versionId') ?? undefined)
    : given.file.asset.versionId;
}

/** Checks that the refusal of a genuine token is correct and states the right time. */
export function judgeRefusal(referee: Referee, actor: Actor, entry: Entry, refused: Refused): void {
  const { code, at } = refused;
  if (entry.owner === actor && entry.receipt?.kind === 'redeemed') {
    referee.violate(
      'the winner learns that it won',
      `${actor.name} redeemed ${entry.name} and was told ${code}`,
    );
  }
  if (!isTrue(actor, entry, refused)) {
    const told = at === undefined ? code : `${code} at ${at}`;
    const state = stateSeenBy(actor, entry);
    referee.violate(
      'every response is correct',
      `${actor.name} was told ${told} about ${entry.name}, which is ${state}`,
    );
  }
}

/** For each operation, the deliveries of the links that it can redeem. */
const DELIVERED_BY: Readonly<Partial<Record<Operation, readonly Delivery[]>>> = {
  redeem: ['redirect'],
  relay: ['redirect', 'proxy'],
  stream: ['stream'],
};

function isTrue(actor: Actor, entry: Entry, { code, at, attemptsLeft }: Refused): boolean {
  const { receipt, record } = entry;
  const now = epochSeconds(actor.clock());
  switch (code) {
    case 'token_redeemed':
      return receipt?.kind === 'redeemed' && receipt.at === at;
    case 'token_revoked':
      return receipt?.kind === 'revoked' && receipt.at === at;
    case 'token_expired':
      return now >= record.expiresAt && record.expiresAt === at;
    case 'token_unknown':
    case 'not_found':
      // DynamoDB can remove the row as soon as the row has expired by DynamoDB's own clock.
      return entry.everLost || secondsAfter(now, CLOCK_SKEW_SECONDS) >= record.expiresAt;
    case 'confirm_first':
      return actor.operation === 'look' && record.open === 'confirm';
    case 'wrong_delivery':
      return DELIVERED_BY[actor.operation]?.includes(record.delivery) === false;
    case 'not_allowed_from_here':
      return record.allowedCidrs !== undefined && actor.source === OUTSIDE;
    case 'code_required':
      return record.presenceCode === true && actor.code === '';
    case 'wrong_code':
      return isWrongCode(actor, entry, attemptsLeft);
    case 'asset_changed':
      return record.issuedBy !== 'public' || actor.secret !== undefined;
    default:
      return code === 'asset_missing' || code === 'asset_not_found' || code === 'unavailable';
  }
}

/** Checks that a fault caused the error. If the function had ended the token, it must have lost two responses or more. */
export function judgeError(referee: Referee, actor: Actor, entry: Entry | undefined, error: unknown): void {
  if (!(error instanceof Unavailable)) {
    referee.violate('nothing fails without a fault', `${actor.name}: ${error}`);
    return;
  }
  if (actor.faults.length === 0) {
    referee.violate('nothing fails without a fault', `${actor.name} met no fault: ${error}`);
  }
  const lostPuts = actor.faults.filter((label) => label === 'PutItem receipts').length;
  if (entry?.owner === actor && lostPuts < 2) {
    referee.violate(
      'the winner learns that it won',
      `${actor.name} ended ${entry.name}, lost ${lostPuts} of its responses, and was told nothing`,
    );
  }
}

/** Checks that a finished function has a file open only if it delivers the file, and has no URL for a streamed link. */
export function judgeWhatIsHeld(referee: Referee, actor: Actor, entry: Entry | undefined): void {
  const isHolder = entry?.winner === actor || entry?.again.has(actor);
  if (!isHolder && actor.files.some(({ letGo }) => !letGo)) {
    referee.violate('a losing function closes its file', `${actor.name} did not win, but has the file open`);
  }
  if (entry?.record.delivery === 'stream' && actor.urls.length > 0) {
    referee.violate('a streamed link yields no URL', `${actor.name} had a URL signed for ${entry.name}`);
  }
}

/** Checks that a token is revoked or has expired if an operator was told that it is revoked. */
export function judgeRevocation(referee: Referee, actor: Actor, entry: Entry): void {
  const expired = epochSeconds(actor.clock()) >= entry.record.expiresAt;
  if (entry.receipt?.kind !== 'revoked' && !expired) {
    referee.violate('every response is correct', `${actor.name} was told that ${entry.name} is revoked`);
  }
}

/** Checks that a token was live if a caller was told so. */
export function judgeShownLive(referee: Referee, actor: Actor, entry: Entry, atStart: TokenState): void {
  if (atStart !== 'live' && !entry.everLost) {
    referee.violate(
      'every response is correct',
      `${actor.name} was shown ${entry.name} as live, but it was ${atStart}`,
    );
  }
}

/** Checks that only form links are renewed. */
export function judgeRenewal(referee: Referee, actor: Actor, { name, record }: Entry): void {
  if (record.issuedBy !== 'public') {
    referee.violate(
      'every response is correct',
      `${actor.name} renewed ${name}, which ${record.issuedBy} issued`,
    );
  }
}
