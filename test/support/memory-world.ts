import type { NotableReceipt } from '../../lambda/domain/deliver-notice.ts';
import type { Token } from '../../lambda/domain/ids.ts';
import { epochSeconds, newTokenId, secondsAfter } from '../../lambda/domain/ids.ts';
import { keyEpochOf } from '../../lambda/domain/key-epoch.ts';
import { mintToken } from '../../lambda/domain/mint-token.ts';
import type { Mail } from '../../lambda/domain/ports.ts';
import type { QuotaLimits } from '../../lambda/domain/quota-rules.ts';
import type { Asset, TokenRecord } from '../../lambda/domain/records.ts';
import { signToken } from '../../lambda/domain/token.ts';
import { isAllowedFrom } from '../../lambda/http/cidr.ts';
import { FixedSigningKeys } from './fixed-signing-keys.ts';
import { IncidentLog } from './incident-log.ts';
import { KeyedPseudonyms } from './keyed-pseudonyms.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryFileStore } from './memory-file-store.ts';
import { MemoryIssuePlans } from './memory-issue-plans.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryMailQueue } from './memory-mail-queue.ts';
import { MemoryMailer } from './memory-mailer.ts';
import { MemoryQuota } from './memory-quota.ts';
import { MemoryTokenStore } from './memory-token-store.ts';
import { email } from './values.ts';

/** When every world in memory begins: in the middle of a month. */
export const BEGINNING = new Date('2031-05-17T10:20:30Z');

const LIMITS: QuotaLimits = {
  sourcePerHour: 60,
  sourceMailsPerDay: 1_000_000,
  addressPerHour: 5,
  cooldownSeconds: 60,
  mailsPerDay: 1000,
};

/**
 * Every port in memory and every setting at its default, under the names that the domain knows them by: a world is
 * the dependencies of any operation. A test that wants one of them different spreads it over.
 */
export function createMemoryWorld() {
  const time = new ManualClock(BEGINNING);
  const clock = time.read;
  const ledger = new MemoryLedger();
  const log = new IncidentLog();
  return {
    time,
    clock,
    ledger,
    history: ledger,
    keys: new FixedSigningKeys(),
    store: new MemoryTokenStore(),
    files: new MemoryFileStore(),
    quota: new MemoryQuota(clock),
    pseudonyms: new KeyedPseudonyms(),
    queue: new MemoryMailQueue(),
    mailer: new MemoryMailer(),
    incidents: log.incidents,
    report: log.report,
    compose: composePlainly,
    composeNotice: composeNoticePlainly,
    plans: new MemoryIssuePlans(),
    isAllowedFrom,
    limits: LIMITS,
    lifetimeSeconds: 900,
    downloadSeconds: 30,
    receiptRetentionDays: 400,
    isAllowedRecipient: () => true,
  };
}

/** Every port in memory. */
export type MemoryWorld = ReturnType<typeof createMemoryWorld>;

/** A mail with nothing in it but the token. */
export function composePlainly(
  record: { readonly recipient: { readonly address: Mail['to'] }; readonly asset: Asset },
  token: Token,
): Mail {
  return { to: record.recipient.address, subject: record.asset.fileName, text: token, html: token };
}

/** A mail with nothing in it but the file. */
export function composeNoticePlainly({ notify, asset }: NotableReceipt): Mail {
  return { to: notify, subject: asset, text: asset, html: asset };
}

/** The tokens that a mail carries. */
export function tokensIn(mail: Mail): readonly string[] {
  return mail.text.match(/tvm_[A-Za-z0-9_-]{52}/g) ?? [];
}

type RecordDetails = Partial<
  Pick<TokenRecord, 'issuedBy' | 'open' | 'delivery' | 'allowedCidrs' | 'notify' | 'language'>
> & {
  readonly lifetimeSeconds?: number;
  readonly asset?: string;
};

/** Puts a record for a link that was asked for by mail, on a file that is on offer. */
export async function putMailedRecord(
  world: MemoryWorld,
  { lifetimeSeconds = world.lifetimeSeconds, asset = 'report.pdf', ...details }: RecordDetails = {},
): Promise<TokenRecord> {
  const address = email('ada@example.org');
  const issuedAt = epochSeconds(world.clock());
  const record = mintToken({
    tokenId: newTokenId(),
    asset: world.files.offer(asset),
    issuedBy: 'public',
    issuedAt,
    expiresAt: secondsAfter(issuedAt, lifetimeSeconds),
    open: 'confirm',
    delivery: 'redirect',
    recipient: { address, pseudonym: await world.pseudonyms.of('address', address) },
    ...details,
  });
  await world.store.put(record);
  return record;
}

/** The token of a record, as the layout says and without asking the keys port. */
export function tokenOf(world: MemoryWorld, record: TokenRecord): Token {
  const keyEpoch = keyEpochOf(record.issuedAt);
  return signToken({ ...record, keyEpoch }, world.keys.derive(keyEpoch));
}
