import type { AssetName } from './asset-name.ts';
import type {
  CallerId,
  EmailAddress,
  EpochSeconds,
  KeyEpoch,
  Pseudonym,
  RedemptionId,
  TokenId,
  UploadId,
} from './ids.ts';
import type { Asset, IssuedEntry, LedgerEntry, Receipt, TokenRecord } from './records.ts';
import type { Result } from './result.ts';
import type { ChanceRow, SecondChance } from './second-chance.ts';

/*
 * The ports: everything the domain asks of the outside world. Every method throws `Unavailable` (errors.ts) if the
 * service behind it is throttled, slow or down, after the adapter's own retries if it has any. Any other throw is a defect.
 */

/** Returns the current moment; injected, so that tests control the clock. */
export type Clock = () => Date;

/** Holds what is known of a token: the record while it is redeemable, the receipt once it has ended. */
export interface TokenLookup {
  readonly record?: TokenRecord;
  readonly receipt?: Receipt;
}

/** Stores tokens and receipts in two tables, which decide together. */
export interface TokenStore {
  /** Puts a new record, once; repeating the same put is not an error. */
  put(record: TokenRecord): Promise<void>;
  /**
   * Reads record and receipt together, with strong consistency. Says nothing about expiry: the caller has the clock.
   */
  find(tokenId: TokenId): Promise<TokenLookup>;
  /** Reads at most 50 tokens like `find`, in the order of their IDs. */
  findAll(tokenIds: readonly TokenId[]): Promise<readonly TokenLookup[]>;
  /**
   * Puts a receipt if there is none or the existing one is from the same attempt. Idempotent for one `redemptionId`, so
   * it may be repeated if an answer was lost.
   *
   * @returns the receipt that won: the one given, or the one that was there first
   */
  settle(receipt: Receipt): Promise<Receipt>;
  /**
   * Counts an attempt with a presence code, once, if the record exists and has fewer than `most` attempts.
   *
   * @returns how many attempts count now, or `refused`
   */
  countAttempt(tokenId: TokenId, attempt: RedemptionId, most: number): Promise<number | 'refused'>;
  /** Stops counting this attempt. Nothing happens if the record is gone. */
  forgetAttempt(tokenId: TokenId, attempt: RedemptionId): Promise<void>;
  /** Deletes the record if it exists. */
  retire(tokenId: TokenId): Promise<'retired' | 'gone'>;
}

/** Stores the append-only history. */
export interface Ledger {
  /**
   * Appends an entry, once; repeating the same entry is not an error.
   *
   * @returns whether the entry is new. A write that was sent twice because its answer was lost counts as `appended`.
   */
  append(entry: LedgerEntry): Promise<Appended>;
}

/** Tells whether an entry is new or was already in the ledger. */
export type Appended = 'appended' | 'known';

/** Tells what a token was issued for, to whom and by whom. */
export interface IssuedTo extends Pick<IssuedEntry, 'asset' | 'issuedBy'> {
  readonly address: EmailAddress;
}

/** Reads from the ledger whom a token was issued to, in order to send that person a new one. */
export interface IssueHistory {
  /** Reads the `issued` entry; `undefined` if there is none or it has no address. */
  recipientOf(tokenId: TokenId): Promise<IssuedTo | undefined>;
}

/** Tells which links to list: of one asset, to one person, by one caller. All given filters must match. */
export interface LinkFilter {
  readonly asset?: AssetName;
  readonly pseudonym?: Pseudonym;
  readonly callerId?: CallerId;
}

/** Marks where a page of a list ended. Only the history reads it. */
export type ListPosition = string;

/** Reads the history back. */
export interface LinkHistory {
  /** Returns every line of a token, oldest first. */
  linesOf(tokenId: TokenId): Promise<readonly LedgerEntry[]>;
  /**
   * Returns issued links from a position on, newest first. A page may be short or even empty before the list ends; the
   * list ends when there is no `next`.
   */
  issuedLinks(
    filter: LinkFilter,
    page: { readonly limit: number; readonly after?: ListPosition; readonly now: Date },
  ): Promise<{ readonly links: readonly IssuedEntry[]; readonly next?: ListPosition }>;
}

/** Holds the outcome of a request to issue links, decided once for all its repetitions. */
export interface IssuePlan {
  readonly tokenIds: readonly TokenId[];
  readonly issuedAt: Date;
  readonly expiresAt: EpochSeconds;
  readonly asset: Asset;
  /** The other files of a collection, whose own token ID comes before those of its files. */
  readonly more?: readonly Asset[];
}

/** Represents a plan with the request it belongs to. */
export interface StandingPlan extends IssuePlan {
  /** A hash of the content of the request. */
  readonly digest: string;
  /** Whether everything in the plan has been done. */
  readonly carriedOut: boolean;
}

/** Stores plans by the caller's name for the request. Each is kept for a day. */
export interface IssuePlans {
  find(name: string): Promise<StandingPlan | undefined>;
  /**
   * Puts a plan if there is none under that name.
   *
   * @returns the plan that won: the one given, or the one that was there first
   */
  settle(name: string, plan: StandingPlan): Promise<StandingPlan>;
  /** Marks the plan as carried out, if it is still the one with that name. */
  markCarriedOut(name: string, plan: IssuePlan): Promise<void>;
}

/** Represents a file whose bytes S3 has begun to send. */
export interface OpenFile {
  readonly asset: Asset;
  /** The media type, and the file name to save it under (RFC 6266). */
  readonly type: string;
  readonly disposition: string;
  /** The whole file, readable once, with backpressure. Throws if it cannot be read on. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Closes the file, read or not. */
  abort(): void;
}

/** Stores files in the private bucket. */
export interface FileStore {
  /** Heads the newest version of the file on offer under this name. */
  head(name: AssetName): Promise<Result<Asset, 'missing' | 'archived'>>;
  /**
   * Opens the newest version of the file on offer under this name. S3 logs the redemption ID with the request.
   *
   * @param redemptionId absent if nobody redeems the file
   */
  open(name: AssetName, redemptionId?: RedemptionId): Promise<Result<OpenFile, 'missing' | 'archived'>>;
  /** Opens exactly this version of a file. */
  openVersion(asset: Asset, redemptionId: RedemptionId): Promise<Result<OpenFile, 'missing' | 'archived'>>;
  /**
   * Signs a GET of exactly this version, valid for `seconds`. S3 logs the redemption ID with the request. The URL opens the
   * file: never log it.
   */
  presign(asset: Asset, redemptionId: RedemptionId, seconds: number): Promise<string>;
}

/** Queues mails between a request and their sending. It carries ids only. */
export interface MailQueue {
  /** Queues the mail that carries the link. */
  send(tokenId: TokenId): Promise<void>;
  /** Queues the mail that tells the issuer of the redemption. */
  sendNotice(tokenId: TokenId): Promise<void>;
}

/** Represents a mail, ready to send. Both parts say the same. */
export interface Mail {
  readonly to: EmailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Tells what a mail is about: `link` carries the token, `notice` reports its redemption. */
export interface MailSubject {
  readonly kind: 'link' | 'notice';
  readonly tokenId: TokenId;
}

/** Sends one mail to one recipient. */
export interface Mailer {
  /**
   * Sends a mail.
   *
   * @param about is stored outside the mail, so that a bounce or complaint names the token and nothing else
   * @returns a failure with the service's error name if it permanently refuses this mail
   */
  send(mail: Mail, about: MailSubject): Promise<Result<void, { readonly reason: string }>>;
}

/** Derives the keys that sign tokens. */
export interface SigningKeys {
  /** Returns the 32-byte key of a month, with one KMS call for each month since the start. */
  keyFor(epoch: KeyEpoch): Promise<Uint8Array>;
}

/** Replaces addresses, and text that may contain some, with keyed hashes wherever they are only counted or compared. */
export interface Pseudonyms {
  of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym>;
}

/** Names the counters that operators watch, with an alarm before one is full. */
type Gauge = 'FormMails' | 'UnsentRequests' | 'ProgramMails';

/** Measures how full a counter is, in percent. Never throws. */
export type MeasureLevel = (gauge: Gauge, percent: number) => void;

/** Names the waits that operators watch. */
type Wait = 'QuarantineAge';

/** Measures how long something has waited, in seconds. Never throws. */
export type MeasureAge = (wait: Wait, seconds: number) => void;

/** Defines a counter: at most `limit` in `windowSeconds` from the first one on. */
export interface Counter {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  /** How much is counted at once. @default 1 */
  readonly amount?: number;
  /** The name under which its level is measured; absent if nobody watches the counter. */
  readonly gauge?: Gauge;
}

/** Tells whether a counter has room, and if not, in how many seconds it will. */
export type Taken = { readonly taken: true } | { readonly taken: false; readonly retryAfterSeconds: number };

/** Holds counters with a TTL. */
export interface Quota {
  /** Counts the amount if there is room for all of it. */
  take(counter: Counter): Promise<Taken>;
  /** Tells whether there is room, and counts nothing. */
  look(counter: Counter): Promise<Taken>;
  /** Refunds the amount that was counted for something that then failed. Best effort. */
  refund(counter: Counter): Promise<void>;
}

/** Stores second chances for some minutes, one a token. */
export interface SecondChances {
  /** Puts a second chance if its token never had one, and none was ended. Must not be repeated with another secret. */
  put(chance: SecondChance): Promise<'put' | 'refused'>;
  /** Reads with strong consistency. Says nothing about expiry: the caller has the clock. */
  find(tokenId: TokenId): Promise<ChanceRow | undefined>;
  /**
   * Counts one reissue, if there was none since the second chance was read, and it is neither over nor ended.
   *
   * @param redemptionId the attempt, which recognizes its own repetition
   */
  take(chance: SecondChance, redemptionId: RedemptionId, now: EpochSeconds): Promise<'taken' | 'refused'>;
  /** Ends the second chance of a token for good, even if it has not been put yet. */
  end(tokenId: TokenId, expiresAt: EpochSeconds): Promise<void>;
}

/** Lists the failures that do not change an answer. */
export type Incident =
  | { readonly incident: 'ledger-write-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'retire-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'mail-contradicted'; readonly tokenId: TokenId }
  | { readonly incident: 'notice-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'second-chance-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'plan-mark-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'quota-return-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'expiry-unknown'; readonly tokenId: TokenId }
  | { readonly incident: 'change-unreadable'; readonly sequenceNumber: string };

/** Reports an incident to the operator: logged with ids only, and alarmed. Never throws. */
export type Report = (incident: Incident, cause: unknown) => void;

/** Lists the milestones that are counted, besides incidents and faults. */
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
  | 'UploadOpened'
  | 'UploadFinalized'
  | 'UploadPublished'
  | 'UploadRejected'
  | 'UploadParked'
  | 'UploadExpired'
  | 'UploadDeleted'
  | 'VerdictAsked'
  | 'UploadLinkIssued'
  | 'UploadLinkFinished'
  | 'UploadLinkRevoked'
  | 'StreamDelivered'
  | 'StreamAborted';

/**
 * Describes one log line for a request or message: what it was and how it ended. Holds ids only, never input, tokens or
 * URLs.
 */
export interface Handled {
  readonly route: string;
  readonly requestId: string;
  /** A problem code, or the outcome. */
  readonly outcome: string;
  readonly tokenId?: TokenId;
  readonly uploadId?: UploadId;
  /** The bytes of a file that were sent, if the answer was a file. */
  readonly bytes?: number;
  readonly milestone?: Milestone;
}

/** Writes logs and metrics. Nothing here throws. */
export interface Telemetry {
  readonly report: Report;
  handled(line: Handled): void;
  /** Counts milestones that have no line of their own. */
  count(milestone: Milestone, times: number): void;
  /** Measures for how long something has waited, in seconds. */
  readonly age: MeasureAge;
  /** Logs an unexpected failure or an unavailable service: the route, and the error without its message. */
  fault(route: string, requestId: string, cause: unknown): void;
}
