import type { Receipt, TokenRecord } from '../../lambda/domain/records.ts';
import type { AppliedWrite } from '../support/dynamo/memory-tables.ts';
import type { Actor, Operation } from './actor.ts';
import type { Entry, Referee } from './referee.ts';
import { attemptsIn, judgeCode, judgeCount } from './rules-of-codes.ts';
import { judgePlan, judgePlanned } from './rules-of-plans.ts';
import { judgeChance } from './rules-of-second-chances.ts';
import { OUTSIDE } from './sources.ts';

const MINTING: ReadonlySet<Operation> = new Set<Operation>(['request', 'issue', 'renew']);
const LOOKING: ReadonlySet<Operation> = new Set<Operation>(['look', 'inspect']);

/** Checks a write to a table when it is applied, and records it with the referee. */
export function judgeWrite(referee: Referee, actor: Actor, write: AppliedWrite): void {
  if (LOOKING.has(actor.operation)) {
    referee.violate('viewing a link writes nothing', `${actor.name} wrote to ${write.table}`);
  }
  if (write.table === 'receipts') judgeReceipt(referee, actor, write);
  else if (write.table === 'plans') judgePlan(referee, actor, write);
  else if (write.table === 'chances') judgeChance(referee, actor, write);
  else judgeRecord(referee, actor, write);
}

function judgeRecord(referee: Referee, actor: Actor, { key, operation, before, after }: AppliedWrite): void {
  if (after === undefined) return;
  if (operation === 'put' || before === undefined) {
    if (!MINTING.has(actor.operation) || operation !== 'put') {
      referee.violate(
        'only minting writes a record',
        `${actor.name} created a row for ${referee.nameOf(key)}`,
      );
    }
    if (before !== undefined) {
      referee.violate('only minting writes a record', `${actor.name} overwrote ${referee.nameOf(key)}`);
    }
    judgePlanned(referee, actor, key);
    const entry = referee.find(key);
    if (entry === undefined) referee.open(after as unknown as TokenRecord);
    else entry.lost = false;
    return;
  }
  const entry = referee.find(key);
  if (entry !== undefined && onlyAttemptsChanged(before, after)) {
    judgeCount(referee, actor, entry, [attemptsIn(before), attemptsIn(after)]);
    return;
  }
  referee.violate('only minting writes a record', `${actor.name} changed ${referee.nameOf(key)}`);
}

/** Returns whether the link asks for a code and only its recorded attempts changed. */
function onlyAttemptsChanged(before: object, after: object): boolean {
  const without = (row: object) => ({ ...row, codeAttempts: undefined });
  return 'presenceCode' in before && sameRow(without(before), without(after));
}

function judgeReceipt(referee: Referee, actor: Actor, { key, operation, before, after }: AppliedWrite): void {
  const entry = referee.find(key);
  const name = referee.nameOf(key);
  if (entry === undefined || operation !== 'put' || after === undefined) {
    referee.violate('a receipt never changes', `${actor.name}: ${operation} of the receipt of ${name}`);
    return;
  }
  if (entry.receipt !== undefined) {
    if (before === undefined || !sameRow(entry.receipt, after)) {
      referee.violate('a receipt never changes', `${actor.name} put a different receipt of ${name}`);
    }
    return;
  }
  const receipt = after as unknown as Receipt;
  entry.receipt = receipt;
  entry.owner = actor;
  entry.receiptKept = true;
  if (receipt.kind === 'redeemed' && receipt.at >= entry.record.expiresAt) {
    referee.violate('an ended token opens nothing', `${actor.name} redeemed ${name} after it had expired`);
  }
  if (receipt.kind === 'redeemed') judgeSpending(referee, actor, entry);
}

/** Checks a redemption at the moment when its receipt is written. */
function judgeSpending(referee: Referee, actor: Actor, entry: Entry): void {
  const { name, record } = entry;
  judgeCode(referee, actor, entry);
  if (record.allowedCidrs !== undefined && actor.source === OUTSIDE) {
    referee.violate(
      'a link is redeemed only from its networks',
      `${actor.name} redeemed ${name} from another network`,
    );
  }
  if (record.delivery === 'stream' && actor.urls.length > 0) {
    referee.violate('a streamed link yields no URL', `${actor.name} had a URL signed for ${name}`);
  }
  const inHand = record.delivery === 'stream' ? hasFile(actor) : actor.urls.length > 0;
  if (!inHand) {
    referee.violate(
      'no link is spent without a file',
      `${actor.name} redeemed ${name} without a file to deliver`,
    );
  }
}

/** Returns whether a function has the file open, or closed it after giving up on a put that arrives later. */
function hasFile({ state, files }: Actor): boolean {
  return files.some(({ letGo }) => !letGo || state === 'finished');
}

/** Returns whether two rows have the same attributes, in any order. */
function sameRow(one: object, other: object): boolean {
  const text = (row: object) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(one) === text(other);
}
