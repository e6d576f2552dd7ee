import type { Redemption, StreamedRedemption } from '../../lambda/domain/deliveries.ts';
import { epochSeconds } from '../../lambda/domain/ids.ts';
import { endOfSecondChance, MOST_REISSUES } from '../../lambda/domain/second-chance.ts';
import type { AppliedWrite } from '../support/dynamo/memory-tables.ts';
import type { Actor } from './actor.ts';
import type { Entry, Referee } from './referee.ts';
import { versionIn } from './rules-of-responses.ts';
import { CLOCK_SKEW_SECONDS } from './stage.ts';

/** Records that a caller got the file again, and checks that the caller was entitled to it. */
export function judgeReissue(
  referee: Referee,
  actor: Actor,
  entry: Entry,
  given: Redemption | StreamedRedemption,
  whenItBegan: 'reported' | 'unreported',
): void {
  const { name, receipt, record, secret, version, again } = entry;
  again.set(actor, idIn(given));
  if (receipt?.kind !== 'redeemed' || secret === undefined || actor.secret !== secret) {
    referee.violate(
      'only the redeemer gets the file again',
      `${actor.name} got the file of ${name} again without having redeemed it`,
    );
    return;
  }
  if (again.size > MOST_REISSUES) {
    referee.violate('a file is reissued at most three times', `${name} was reissued too often`);
  }
  if (versionIn(given) !== version) {
    referee.violate('a reissue delivers the same version', `${actor.name} got another version`);
  }
  const isOver = epochSeconds(actor.startedAt) >= endOfSecondChance(receipt) + CLOCK_SKEW_SECONDS;
  if (isOver || whenItBegan === 'reported') {
    referee.violate(
      'a second chance ends in time',
      `${actor.name} got ${name} again after its second chance`,
    );
  }
  if (record.delivery === 'proxy' && actor.operation !== 'relay') {
    referee.violate('only the proxy gets proxied files', `${actor.name} was given the file of ${name}`);
  }
  if ('url' in given && record.delivery === 'stream') {
    referee.violate('a streamed link yields no URL', `${actor.name} was given a URL for ${name}`);
  }
}

function idIn(given: Redemption | StreamedRedemption): string {
  return 'url' in given ? (new URL(given.url).searchParams.get('x-redemption-id') ?? '') : given.redemptionId;
}

/** Checks a write to a second chance when it is applied. */
export function judgeChance(
  referee: Referee,
  actor: Actor,
  { key, operation, before, after }: AppliedWrite,
): void {
  const entry = referee.find(key.replace('again/', ''));
  if (operation === 'put' && before !== undefined) {
    referee.violate('a file is reissued at most three times', `${actor.name} overwrote ${key}`);
  }
  if (operation === 'put' && entry?.receipt?.redemptionId !== after?.redemptionId) {
    referee.violate(
      'only the redeemer gets the file again',
      `${actor.name} put a second chance without a receipt of its own`,
    );
  }
  if (operation === 'put' && entry?.reported) {
    referee.violate('a second chance ends in time', `${actor.name} put a second chance after the report`);
  }
  const isCounted = before?.takenBy !== after?.takenBy;
  if (isCounted && actor.urls.length === 0 && actor.files.length === 0) {
    referee.violate('no link is spent without a file', `${actor.name} counted a reissue without a file`);
  }
}
