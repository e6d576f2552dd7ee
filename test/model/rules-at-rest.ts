import { epochSeconds } from '../../lambda/domain/ids.ts';
import type { Receipt, TokenRecord } from '../../lambda/domain/records.ts';
import { MOST_REISSUES } from '../../lambda/domain/second-chance.ts';
import { tokenState } from '../../lambda/domain/token-state.ts';
import { trueState } from './referee.ts';
import { OUTSIDE } from './sources.ts';
import type { World } from './world.ts';

/** Checks everything that is left after all functions have ended. */
export function judgeRest(world: World): void {
  judgeSums(world);
  judgeDeliveries(world);
  judgeReissues(world);
  judgeNotices(world);
  judgeNetworks(world);
  judgeOpenFiles(world);
  judgeStreamSlots(world);
  judgeStorage(world);
}

const OPENS_A_FILE = /tvm_|X-Amz-Signature/;

/** Checks that the tables give every token exactly the state that the referee expects. */
export function judgeBalance({ referee, tables, time }: World): void {
  const now = epochSeconds(time.read());
  for (const entry of referee.entries) {
    const { tokenId } = entry.record;
    const record = tables.rows('tokens').get(tokenId) as TokenRecord | undefined;
    const receipt = tables.rows('receipts').get(tokenId) as Receipt | undefined;
    const state = tokenState({ ...(record && { record }), ...(receipt && { receipt }) }, now);
    const expected = trueState(entry, now);
    if (state !== expected)
      referee.violate('the tables agree', `${entry.name} is ${state}, but should be ${expected}`);
  }
  if (tables.rows('receipts').size > referee.entries.length) {
    referee.violate('the tables agree', 'there are receipts of tokens that never existed');
  }
}

/**
 * Checks that every redemption has a winner or a reason why no caller was told of it, that a link's ending is in the
 * ledger at most once and agrees with the receipt, and that no link has two issued entries.
 */
function judgeSums({ referee, ledger }: World): void {
  const ended = { redeemed: 0, revoked: 0 };
  for (const { receipt } of referee.entries) if (receipt !== undefined) ended[receipt.kind] += 1;
  const winners = referee.entries.filter(({ winner }) => winner !== undefined).length;
  const unanswered = referee.entries.filter(
    ({ receipt, winner, owner }) =>
      receipt?.kind === 'redeemed' &&
      winner === undefined &&
      (owner?.state === 'killed' || (owner?.faults ?? []).length > 1),
  ).length;
  if (ended.redeemed !== winners + unanswered) {
    referee.violate(
      'the tables agree',
      `receipts: ${ended.redeemed}, winners: ${winners}, without a response: ${unanswered}`,
    );
  }
  for (const event of ['redeemed', 'revoked'] as const) {
    const lines = ledger.entries.filter((line) => line.event === event);
    const told = new Set(lines.map(({ tokenId }) => tokenId));
    const true_ = lines.every(({ tokenId }) => referee.find(tokenId)?.receipt?.kind === event);
    if (told.size !== lines.length || !true_) {
      referee.violate('the tables agree', `entries for ${event} in the ledger: ${lines.length}`);
    }
  }
  const issued = ledger.entries.filter(({ event }) => event === 'issued').map(({ tokenId }) => tokenId);
  if (new Set(issued).size !== issued.length) {
    referee.violate('the tables agree', 'the ledger has two issued entries for one link');
  }
}

/**
 * Checks that the ledger records each delivery or abort only once, only for a streamed link, only for its redemption or
 * a reissue, and with a plausible byte count.
 */
function judgeDeliveries({ referee, ledger }: World): void {
  const told = new Set<string>();
  for (const line of ledger.entries) {
    if (line.event !== 'delivered' && line.event !== 'aborted') continue;
    const { record, receipt, again, name } = referee.find(line.tokenId) ?? {};
    const ids = [receipt?.redemptionId, ...(again?.values() ?? [])];
    const isTrue =
      record?.delivery === 'stream' &&
      ids.includes(line.redemptionId) &&
      (line.event === 'delivered' ? line.bytes === record.asset.size : line.bytes < record.asset.size);
    if (told.has(line.redemptionId) || !isTrue) {
      referee.violate('the tables agree', `the ledger has a wrong ${line.event} entry for ${name}`);
    }
    told.add(line.redemptionId);
  }
}

/**
 * Checks that the ledger has a `reissued` entry if the file was reissued without a fault, and never more than `MOST_REISSUES`.
 * There can be fewer entries than reissues, because two reissues at the same moment share an entry.
 */
function judgeReissues({ referee, ledger }: World): void {
  for (const { record, again, name } of referee.entries) {
    const told = ledger.entries.filter(
      ({ event, tokenId }) => event === 'reissued' && tokenId === record.tokenId,
    ).length;
    const isUntold = told === 0 && [...again.keys()].some(({ faults }) => faults.length === 0);
    if (told > MOST_REISSUES || isUntold) {
      referee.violate('the tables agree', `reissues of ${name} in the ledger: ${told}`);
    }
  }
}

/** Checks that notices were requested only for redeemed tokens whose issuer wants notices. */
function judgeNotices({ referee, queue }: World): void {
  for (const { kind, tokenId } of queue.everSent) {
    const { record, receipt, name } = referee.find(tokenId) ?? {};
    if (kind === 'notice' && (receipt?.kind !== 'redeemed' || record?.wantsNotice !== true)) {
      referee.violate('notices report only redemptions', `a notice of ${name} was requested`);
    }
  }
}

/** Checks that no link was redeemed from outside its networks. */
function judgeNetworks({ referee }: World): void {
  for (const { record, receipt, name } of referee.entries) {
    if (receipt?.kind !== 'redeemed' || record.allowedCidrs === undefined) continue;
    if (receipt.sourceAddress === OUTSIDE) {
      referee.violate(
        'a link is redeemed only from its networks',
        `${name} was redeemed from another network`,
      );
    }
  }
}

/** Checks that no finished function has a file open. A killed function's files close with it. */
function judgeOpenFiles({ referee, files, actors }: World): void {
  const held = actors
    .filter(({ state }) => state === 'killed')
    .flatMap((actor) => actor.files.filter(({ letGo }) => !letGo));
  if (files.openFiles !== held.length) {
    referee.violate(
      'a losing function closes its file',
      `files still open: ${files.openFiles - held.length}`,
    );
  }
}

/** Checks that only functions that were killed or hit a fault still hold slots. */
function judgeStreamSlots({ referee, quota, actors }: World): void {
  const excused = actors.filter(
    ({ operation, state, faults }) => operation === 'stream' && (state === 'killed' || faults.length > 0),
  ).length;
  const taken = quota.countOf('streams/');
  if (taken > excused) {
    referee.violate('a finished stream frees its slot', `slots taken: ${taken}, excused: ${excused}`);
  }
}

/** Checks that no token, presigned URL, or second-chance secret is stored. Only e-mails contain tokens. */
function judgeStorage({ referee, tables, ledger, queue, backups }: World): void {
  const stored = JSON.stringify([
    [...tables.rows('tokens').values()],
    [...tables.rows('receipts').values()],
    [...tables.rows('plans').values()],
    [...tables.rows('chances').values()],
    backups.map(({ rows }) => [...rows.values()]),
    ledger.entries,
    queue.everSent,
  ]);
  const found = OPENS_A_FILE.exec(stored);
  const secret = referee.entries.find((entry) => entry.secret !== undefined && stored.includes(entry.secret));
  if (secret !== undefined)
    referee.violate('nothing stored opens a file', `${secret.name}'s secret is stored`);
  if (found !== null) referee.violate('nothing stored opens a file', `${found[0]} is stored`);
}
