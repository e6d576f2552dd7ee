import type { AssetName } from './asset-name.ts';
import type { CallerId, EmailAddress, EpochSeconds, KeyEpoch, Pseudonym, TokenId } from './ids.ts';
import type { Asset, IssuedEntry, LedgerEntry, Receipt, TokenRecord } from './records.ts';
import type { Result } from './result.ts';

/*
 * The ports: what the domain asks of the world. Every method throws `Unavailable` (errors.ts) when the service
 * behind it is throttled, slow or down after the adapter's own bounded retries; any other throw is a defect.
 */

/** The current moment; injected, so that tests own the clock. */
export type Clock = () => Date;

/** What is known of a token: the record while it is redeemable, the receipt once it has ended. */
export interface TokenLookup {
  readonly record?: TokenRecord;
  readonly receipt?: Receipt;
}

/** The token table and the receipt table, which decide together. */
export interface TokenStore {
  /** Puts a new record, once; a repetition of the same put is not an error. */
  put(record: TokenRecord): Promise<void>;
  /** Reads record and receipt together, consistently. Says nothing about expiry: the caller has the clock. */
  find(tokenId: TokenId): Promise<TokenLookup>;
  /**
   * Puts a receipt on condition that there is none or that it is of the same attempt.
   * Idempotent for one `redemptionId`, so it may be repeated when an answer was lost.
   *
   * @returns the receipt that stands: the one given, or the one that was there first
   */
  settle(receipt: Receipt): Promise<Receipt>;
  /** Deletes the record on condition that it is there. */
  retire(tokenId: TokenId): Promise<'retired' | 'gone'>;
}

/** The history. Only ever appended to. */
export interface Ledger {
  /**
   * Appends an entry, once; a repetition of the same entry is not an error.
   *
   * @returns whether the entry is new. A write that was sent twice because its answer was lost counts as `appended`.
   */
  append(entry: LedgerEntry): Promise<Appended>;
}

/** Whether an entry is new, or was in the ledger before. */
export type Appended = 'appended' | 'known';

/** What a token was issued for, to whom and by whom. */
export interface IssuedTo extends Pick<IssuedEntry, 'asset' | 'issuedBy'> {
  readonly address: EmailAddress;
}

/** Reads from the ledger whom a token was issued to, for sending that person a new one. */
export interface IssueHistory {
  /** What the `issued` entry says of it; `undefined` when there is none or no address in it. */
  recipientOf(tokenId: TokenId): Promise<IssuedTo | undefined>;
}

/** Which links to list: of one asset, to one person, by one caller; all that are given must hold. */
export interface LinkFilter {
  readonly asset?: AssetName;
  readonly pseudonym?: Pseudonym;
  readonly callerId?: CallerId;
}

/** Where a page of a list ended: the history's own words, which nobody else reads. */
export type ListPosition = string;

/** Reads the history back. */
export interface LinkHistory {
  /** Every line of a token, oldest first. */
  linesOf(tokenId: TokenId): Promise<readonly LedgerEntry[]>;
  /**
   * The links that were issued, newest first, from a position on. A page may be short, even empty, before the list is
   * at its end: it is at its end when there is no `next`.
   */
  issuedLinks(
    filter: LinkFilter,
    page: { readonly limit: number; readonly after?: ListPosition; readonly now: Date },
  ): Promise<{ readonly links: readonly IssuedEntry[]; readonly next?: ListPosition }>;
}

/** What a request to issue links comes down to, once and for all its repetitions. */
export interface IssuePlan {
  readonly tokenIds: readonly TokenId[];
  readonly issuedAt: Date;
  readonly expiresAt: EpochSeconds;
  readonly asset: Asset;
}

/** A plan as it stands, and for which request. */
export interface StandingPlan extends IssuePlan {
  /** A hash of what was asked for. */
  readonly digest: string;
  /** Whether everything that the plan says has been done. */
  readonly carriedOut: boolean;
}

/** Plans by the name that their caller gave to the request; each is kept for a day. */
export interface IssuePlans {
  find(name: string): Promise<StandingPlan | undefined>;
  /**
   * Puts a plan on condition that none stands under that name.
   *
   * @returns the plan that stands: the one given, or the one that was there first
   */
  settle(name: string, plan: StandingPlan): Promise<StandingPlan>;
  /** Notes that nothing is left to do of this plan, if it still is the one of that name. */
  markCarriedOut(name: string, plan: IssuePlan): Promise<void>;
}

/** A file whose bytes S3 has begun to send. */
export interface OpenFile {
  readonly asset: Asset;
  /** What a browser is told: the media type, and to save the file under its name (RFC 6266). */
  readonly type: string;
  readonly disposition: string;
  /** The whole file, once; reading is as slow as its reader. Throws when it cannot be read on. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Lets go of it, read or not. */
  abort(): void;
}

/** The private bucket. */
export interface FileStore {
  /** Heads the newest version of the file on offer under this name. */
  head(name: AssetName): Promise<Result<Asset, 'missing' | 'archived'>>;
  /** Opens the newest version of the file on offer under this name, for reading it here. */
  open(name: AssetName): Promise<Result<OpenFile, 'missing' | 'archived'>>;
  /** Signs a GET of exactly this version, valid for `seconds`. The URL opens the file: never log it. */
  presign(asset: Asset, seconds: number): Promise<string>;
}

/** The queue between a request and its mail. Carries ids only. */
export interface MailQueue {
  /** Asks for the mail that carries the link. */
  send(tokenId: TokenId): Promise<void>;
  /** Asks for the mail that tells the issuer of the redemption. */
  sendNotice(tokenId: TokenId): Promise<void>;
}

/** A mail, ready to go: both parts say the same. */
export interface Mail {
  readonly to: EmailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a mail is about: `link` carries the token, `notice` tells of its redemption. */
export interface MailSubject {
  readonly kind: 'link' | 'notice';
  readonly tokenId: TokenId;
}

/** Sends one mail to one recipient. */
export interface Mailer {
  /**
   * @param about goes along outside the mail, so that a bounce or complaint names the token and nothing else
   * @returns a failure with the service's error name when it refuses this mail for good
   */
  send(mail: Mail, about: MailSubject): Promise<Result<void, { readonly reason: string }>>;
}

/** Derives the keys that sign tokens. */
export interface SigningKeys {
  /** The 32-byte key of a month; one call to KMS for each month met since the start. */
  keyFor(epoch: KeyEpoch): Promise<Uint8Array>;
}

/** Replaces addresses, and what may hold some, by keyed hashes wherever they are only counted or compared. */
export interface Pseudonyms {
  of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym>;
}

/** The counters whose level operators watch, with an alarm before one is full. */
type Gauge = 'FormMails' | 'UnsentRequests' | 'ProgramMails';

/** Measures how full a counter is, in percent. Never throws. */
export type MeasureLevel = (gauge: Gauge, percent: number) => void;

/** A counter: at most `limit` in `windowSeconds` from the first one on. */
export interface Counter {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  /** Under which name its level is measured; left out for counters that nobody watches. */
  readonly gauge?: Gauge;
}

/** Whether a counter has room; if not, in how many seconds it will. */
export type Taken = { readonly taken: true } | { readonly taken: false; readonly retryAfterSeconds: number };

/** Counters with a TTL. */
export interface Quota {
  /** Counts one more if there is room. */
  take(counter: Counter): Promise<Taken>;
  /** Tells whether there is room, and counts nothing. */
  look(counter: Counter): Promise<Taken>;
  /** Gives one back when what it was taken for could not be done. Best effort. */
  giveBack(counter: Counter): Promise<void>;
}

/** What went wrong without changing an answer. */
export type Incident =
  | { readonly incident: 'ledger-write-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'retire-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'mail-contradicted'; readonly tokenId: TokenId }
  | { readonly incident: 'notice-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'plan-mark-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'quota-return-failed'; readonly tokenId: TokenId };

/** Tells the operator of an incident: logged with ids only, and alarmed. Never throws. */
export type Report = (incident: Incident, cause: unknown) => void;

/** What is counted, besides incidents and faults. */
export type Milestone =
  | 'LinkRequested'
  | 'LinkIssued'
  | 'LinkRevoked'
  | 'MailSent'
  | 'MailRefused'
  | 'MailBounced'
  | 'MailComplained'
  | 'TokenRedeemed'
  | 'RedemptionReported'
  | 'StreamDelivered'
  | 'StreamAborted';

/** One line for each request or message: what it was and how it ended. Ids only; never input, tokens or URLs. */
export interface Handled {
  readonly route: string;
  readonly requestId: string;
  /** A problem code, or what was done. */
  readonly outcome: string;
  readonly tokenId?: TokenId;
  /** How many bytes of a file were sent, where the answer was a file. */
  readonly bytes?: number;
  readonly milestone?: Milestone;
}

/** Logs and metrics. Nothing here throws. */
export interface Telemetry {
  readonly report: Report;
  handled(line: Handled): void;
  /** A failure that nobody expected, or a service that is down: what was asked, and the error without its message. */
  fault(route: string, requestId: string, cause: unknown): void;
}
