import { clientZipper } from '../../lambda/adapters/client-zipper.ts';
import { DynamoIssuePlans } from '../../lambda/adapters/dynamo-issue-plans.ts';
import type { Notice } from '../../lambda/domain/deliver-notice.ts';
import type { CallerId, EmailAddress, Token } from '../../lambda/domain/ids.ts';
import { epochSeconds, newTokenId, secondsAfter } from '../../lambda/domain/ids.ts';
import type { Caller } from '../../lambda/domain/issuer.ts';
import { keyEpochOf } from '../../lambda/domain/key-epoch.ts';
import { issuedEntry, mintToken } from '../../lambda/domain/mint-token.ts';
import type { Incident, Mail, Report } from '../../lambda/domain/ports.ts';
import type { PresenceKey } from '../../lambda/domain/presence-code.ts';
import type { FormLimits, ProgramLimits } from '../../lambda/domain/quota-rules.ts';
import { sealOf } from '../../lambda/domain/record-seal.ts';
import type { Asset, FormDelivery, TokenRecord } from '../../lambda/domain/records.ts';
import { ok } from '../../lambda/domain/result.ts';
import { signToken } from '../../lambda/domain/token.ts';
import type { Stamper } from '../../lambda/domain/watermark.ts';
import { isAllowedFrom } from '../../lambda/http/allowed-from.ts';
import { MemoryTables } from './dynamo/memory-tables.ts';
import { FixedSigningKeys } from './fixed-signing-keys.ts';
import { KeyedPseudonyms } from './keyed-pseudonyms.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryFileStore } from './memory-file-store.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryMailQueue } from './memory-mail-queue.ts';
import { MemoryMailer } from './memory-mailer.ts';
import { MemoryQuota } from './memory-quota.ts';
import { MemoryTokenStore } from './memory-token-store.ts';
import { email } from './values.ts';

/** The start time of every in-memory world, in the middle of a month. */
export const BEGINNING = new Date('2031-05-17T10:20:30Z');

const LIMITS: FormLimits & ProgramLimits = {
  sourcePerHour: 60,
  sourceMailsPerDay: 1_000_000,
  addressPerHour: 5,
  addressPerDay: 10,
  cooldownSeconds: 60,
  formMailsPerDay: 1000,
  callerMailsPerDay: 1000,
  programMailsPerDay: 1000,
};

export const CALLER: Caller = {
  arn: 'arn:aws:sts::111122223333:assumed-role/reports',
  id: 'AROAREPORTSEXAMPLE123' as CallerId,
};

/**
 * Creates a world: every in-memory port, and every setting. They have the names that the domain uses, so a world can be
 * passed to every operation. A test overrides a dependency by spreading the world.
 */
export function createMemoryWorld() {
  const time = new ManualClock(BEGINNING);
  const clock = time.read;
  const ledger = new MemoryLedger();
  const plans = new MemoryTables({ plans: 'requestName' });
  const incidents: Incident[] = [];
  const report: Report = (incident) => void incidents.push(incident);
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
    incidents,
    report,
    compose: composePlainly,
    composeNotice: composeNoticePlainly,
    plans: new DynamoIssuePlans(plans.client(), { table: 'plans', clock }),
    planRows: plans.rows('plans'),
    stamper: memoryStamper,
    zipper: clientZipper,
    isAllowedFrom,
    presenceKey: undefined as PresenceKey | undefined,
    limits: LIMITS,
    lifetimeSeconds: 900,
    delivery: 'redirect' as FormDelivery,
    downloadSeconds: 30,
    streamConcurrency: 1000,
    receiptRetentionDays: 400,
    isAllowedRecipient: () => true,
  };
}

/** A stamper that writes a line with the names before the file's bytes. */
const memoryStamper: Stamper = {
  stamp: async (pdf, { names }) => ok(Buffer.concat([Buffer.from(`for ${names.join(', ')}\n`), pdf])),
};

/** The in-memory ports and settings of one test. */
export type MemoryWorld = ReturnType<typeof createMemoryWorld>;

/** Composes an e-mail whose body is only the token. */
export function composePlainly(
  record: { readonly recipient: { readonly address: Mail['to'] }; readonly asset: Asset },
  token: Token,
): Mail {
  return { to: record.recipient.address, subject: record.asset.fileName, text: token, html: token };
}

/** Composes an e-mail that contains only the file name. */
export function composeNoticePlainly({ to, fileName }: Notice): Mail {
  return { to, subject: fileName, text: fileName, html: fileName };
}

/** Returns the tokens in an e-mail. */
export function tokensIn(mail: Mail): readonly string[] {
  return mail.text.match(/tvm_[A-Za-z0-9_-]{52}/g) ?? [];
}

/** Optional details of form links. */
const FORM_DETAILS: ReadonlySet<string> = new Set(['language', 'presenceCode']);

type RecordDetails = Partial<
  Pick<
    TokenRecord,
    | 'issuedBy'
    | 'open'
    | 'delivery'
    | 'allowedCidrs'
    | 'language'
    | 'watermarkName'
    | 'secondChance'
    | 'presenceCode'
  >
> & {
  readonly lifetimeSeconds?: number;
  readonly asset?: string;
  readonly notify?: EmailAddress;
};

/**
 * Stores the record and history of a link to an offered file, mailed to Ada. It is an API link if the details include
 * anything that only an IAM caller can choose, and otherwise a form link.
 */
export async function putMailedRecord(
  world: MemoryWorld,
  { lifetimeSeconds = world.lifetimeSeconds, asset = 'report.pdf', notify, ...details }: RecordDetails = {},
): Promise<TokenRecord> {
  const address = email('ada@example.org');
  const now = world.clock();
  const issuedAt = epochSeconds(now);
  const isPlain = notify === undefined && !asset.startsWith('private/');
  const byForm = isPlain && Object.keys(details).every((name) => FORM_DETAILS.has(name));
  const minted = mintToken({
    tokenId: newTokenId(byForm ? 'form' : 'api'),
    asset: world.files.offer(asset),
    ...(byForm ? { issuedBy: 'public' } : { issuedBy: CALLER.arn, callerId: CALLER.id }),
    issuedAt,
    expiresAt: secondsAfter(issuedAt, lifetimeSeconds),
    open: 'confirm',
    delivery: 'redirect',
    recipient: { address, pseudonym: await world.pseudonyms.of('address', address) },
    ...(notify !== undefined && { wantsNotice: true }),
    ...details,
  });
  const record = byForm ? minted : sealed(world, minted);
  await world.store.put(record);
  await world.ledger.append(issuedEntry(record, now, notify && { notify }));
  return record;
}

/** Seals a record as the links function does, but without calling the keys port. */
export function sealed(world: Pick<MemoryWorld, 'keys'>, record: TokenRecord): TokenRecord {
  return { ...record, seal: sealOf(record, world.keys.derive(record.keyEpoch)) };
}

/** Returns the token of a record, without calling the keys port. */
export function tokenOf(world: MemoryWorld, record: TokenRecord): Token {
  const keyEpoch = keyEpochOf(record.issuedAt);
  return signToken({ ...record, keyEpoch }, world.keys.derive(keyEpoch));
}
