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
 * The ports: interfaces to everything outside the domain. A method throws `Unavailable` (errors.ts) if the service
 * behind it is throttled, slow, or down, after any retries by the adapter, unless the method's comment says that it
 * never throws. Any other exception is a defect.
 */

/** Returns the current time; injected, so that tests control the clock. */
export type Clock = () => Date;

/** Rows of a token: the record while the token is redeemable, the receipt once it has ended. */
export interface TokenLookup {
  readonly record?: TokenRecord;
  readonly receipt?: Receipt;
}

/** Stores records and receipts, in two tables. A token's record and receipt together determine its state. */
export interface TokenStore {
  /** Puts a new record. Repeating the same put is not an error. */
  put(record: TokenRecord): Promise<void>;
  /**
   * Reads the record and the receipt together, with strong consistency. Does not check the expiry, because only the
   * caller has the clock.
   */
  find(tokenId: TokenId): Promise<TokenLookup>;
  /** Reads up to 50 tokens as `find` does, and returns them in the order of the IDs. */
  findAll(tokenIds: readonly TokenId[]): Promise<readonly TokenLookup[]>;
  /**
   * Puts a receipt if there is none, or if the existing one is from the same attempt. Idempotent for one
   * `redemptionId`, so it can be repeated if a response was lost.
   *
   * @returns the receipt that won: the one given, or the one that was there first
   */
  settle(receipt: Receipt): Promise<Receipt>;
  /**
   * Counts an attempt to enter a presence code, if the record exists and has fewer than `most` attempts. Counting the
   * same attempt again changes nothing.
   *
   * @returns the number of attempts counted so far, or `refused`
   */
  countAttempt(tokenId: TokenId, attempt: RedemptionId, most: number): Promise<number | 'refused'>;
  /** Removes an attempt from the count. Does nothing if the record is gone. */
  forgetAttempt(tokenId: TokenId, attempt: RedemptionId): Promise<void>;
  /** Deletes the record if it exists. */
  retire(tokenId: TokenId): Promise<'retired' | 'gone'>;
}

/** Stores the append-only history of tokens. */
export interface Ledger {
  /**
   * Appends an entry. Repeating the same entry is not an error.
   *
   * @param expiresAt expiry of the link, if the entry must be kept as long as its `issued` entry. If absent, the entry is
   *   kept only for the ledger's retention, which a link can outlive
   * @returns whether the entry is new. A write that was retried because its response was lost counts as `appended`.
   */
  append(entry: LedgerEntry, expiresAt?: EpochSeconds): Promise<Appended>;
}

/** Whether an entry is new or was already in the ledger. */
export type Appended = 'appended' | 'known';

/** The file, address, and issuer of an issued token. */
export interface IssuedTo extends Pick<IssuedEntry, 'asset' | 'issuedBy' | 'expiresAt'> {
  readonly address: EmailAddress;
}

/** Reads the recipients of issued tokens, to send them new links and to record bounces and complaints. */
export interface IssueHistory {
  /** Reads the `issued` entry; returns `undefined` if there is none or it has no address. */
  recipientOf(tokenId: TokenId): Promise<IssuedTo | undefined>;
}

/** Filter for listing links by asset, recipient, and caller. All given criteria must match. */
export interface LinkFilter {
  readonly asset?: AssetName;
  readonly pseudonym?: Pseudonym;
  readonly callerId?: CallerId;
}

/** Position where a page of a list ended. Only the adapter can interpret it. */
export type ListPosition = string;

/** Reads the history of links. */
export interface LinkHistory {
  /** Returns all entries of a token, oldest first. */
  linesOf(tokenId: TokenId): Promise<readonly LedgerEntry[]>;
  /**
   * Returns issued links after a position, newest first. A page may be short or even empty before the list ends; the
   * list ends when there is no `next`.
   */
  issuedLinks(
    filter: LinkFilter,
    page: { readonly limit: number; readonly after?: ListPosition; readonly now: Date },
  ): Promise<{ readonly links: readonly IssuedEntry[]; readonly next?: ListPosition }>;
}

/** Plan of the links that a request issues. The plan is made once, and all retries of the request share it. */
export interface IssuePlan {
  readonly tokenIds: readonly [TokenId, ...TokenId[]];
  readonly issuedAt: Date;
  readonly expiresAt: EpochSeconds;
  readonly asset: Asset;
  /** Additional files of a collection or a zip. For a collection, `tokenIds` begins with the collection's own ID. */
  readonly more?: readonly Asset[];
}

/** Stored plan, with a digest of the request that it belongs to. */
export interface StandingPlan extends IssuePlan {
  /** Hash of the caller, the idempotency key, and the content of the request. */
  readonly digest: string;
  /** Whether all links of the plan have been issued. */
  readonly carriedOut: boolean;
}

/** Stores each plan for a day, under the hash of the caller and the idempotency key. */
export interface IssuePlans {
  find(name: string): Promise<StandingPlan | undefined>;
  /**
   * Puts a plan if there is none under that name.
   *
   * @returns the plan that won: the one given, or the one that was there first
   */
  settle(name: string, plan: StandingPlan): Promise<StandingPlan>;
  /** Marks the plan as carried out, unless another plan has replaced it. */
  markCarriedOut(name: string, plan: IssuePlan): Promise<void>;
}

/** File whose bytes S3 has begun to send. */
export interface OpenFile {
  readonly asset: Asset;
  /** Media type that is sent as Content-Type. `disposition` is sent as Content-Disposition (RFC 6266). */
  readonly type: string;
  readonly disposition: string;
  /** Bytes of the whole file, readable once, with backpressure. Throws if reading fails partway. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Closes the file, whether or not it has been read. */
  abort(): void;
}

/** Reads files from the private bucket. */
export interface FileStore {
  /** Returns the metadata of the newest version of the file with this name. */
  head(name: AssetName): Promise<Result<Asset, 'missing' | 'archived'>>;
  /**
   * Opens the newest version of the file with this name. S3 logs the redemption ID with the request.
   *
   * @param redemptionId absent if the file is not opened for a redemption
   */
  open(name: AssetName, redemptionId?: RedemptionId): Promise<Result<OpenFile, 'missing' | 'archived'>>;
  openVersion(asset: Asset, redemptionId: RedemptionId): Promise<Result<OpenFile, 'missing' | 'archived'>>;
  /**
   * Returns a presigned URL of the given version, valid for `seconds`. S3 logs the redemption ID with the request. The
   * URL opens the file: never log it.
   */
  presign(asset: Asset, redemptionId: RedemptionId, seconds: number): Promise<string>;
}

/** Queues e-mails. Messages contain IDs only. */
export interface MailQueue {
  /** Queues the e-mail that carries the link. */
  send(tokenId: TokenId): Promise<void>;
  sendNotice(tokenId: TokenId): Promise<void>;
}

/** E-mail that is ready to send. Its text and HTML parts have the same content. */
export interface Mail {
  readonly to: EmailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * What an e-mail is about. A `link` e-mail carries the token. A `notice` reports something about the link, such as its
 * redemption, and does not carry the token.
 */
export interface MailSubject {
  readonly kind: 'link' | 'notice';
  readonly tokenId: TokenId;
}

export interface Mailer {
  /**
   * Sends an e-mail to one recipient.
   *
   * @param about passed to SES separately from the e-mail, so that a bounce or complaint identifies only the token
   * @returns a failure with the service's error name if the service permanently refuses this e-mail
   */
  send(mail: Mail, about: MailSubject): Promise<Result<void, { readonly reason: string }>>;
}

/** Derives the keys that sign tokens. */
export interface SigningKeys {
  /** Returns the 32-byte key of a month. Each process calls KMS only once for each key. */
  keyFor(epoch: KeyEpoch): Promise<Uint8Array>;
}

/** Computes keyed hashes of addresses, sources, and requests, for counting and comparing them without storing them. */
export interface Pseudonyms {
  of(kind: 'address' | 'source' | 'request', value: string): Promise<Pseudonym>;
}

/** Counters whose level is measured. An alarm goes off before one of them is full. */
type Gauge = 'FormMails' | 'UnsentRequests' | 'ProgramMails';

/** Records a counter's level as a metric, in percent. Never throws. */
export type MeasureLevel = (gauge: Gauge, percent: number) => void;

type Wait = 'QuarantineAge';

/** Records a waiting time as a metric, in seconds. Never throws. */
export type MeasureAge = (wait: Wait, seconds: number) => void;

/** Definition of a counter: at most `limit` in a window of `windowSeconds`, which starts with the first count. */
export interface Counter {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  /** Amount to count. @default 1 */
  readonly amount?: number;
  /** Name under which the level is measured; absent if it is not measured. */
  readonly gauge?: Gauge;
}

/** Whether a counter has room, and if not, the number of seconds until it does. */
export type Taken = { readonly taken: true } | { readonly taken: false; readonly retryAfterSeconds: number };

/** Stores counters with a TTL. */
export interface Quota {
  /** Counts the amount if there is room for all of it. */
  take(counter: Counter): Promise<Taken>;
  /** Checks whether there is room, without counting. */
  look(counter: Counter): Promise<Taken>;
  /** Refunds an amount that was counted for an action that then failed. Best effort. */
  refund(counter: Counter): Promise<void>;
}

/** Stores second chances, at most one per token. */
export interface SecondChances {
  /**
   * Puts a second chance if its token has never had one and `end` has not been called. Must not be called again with
   * another secret.
   */
  put(chance: SecondChance): Promise<'put' | 'refused'>;
  /** Reads with strong consistency. Does not check the expiry, because only the caller has the clock. */
  find(tokenId: TokenId): Promise<ChanceRow | undefined>;
  /**
   * Counts one reissue, if the second chance has not been used since it was read and has neither expired nor ended.
   *
   * @param redemptionId the attempt, which is counted only once even if the call is repeated
   */
  take(chance: SecondChance, redemptionId: RedemptionId, now: EpochSeconds): Promise<'taken' | 'refused'>;
  /** Ends the second chance of a token. If none exists yet, none can be created later. */
  end(tokenId: TokenId, expiresAt: EpochSeconds): Promise<void>;
}

/** Failures that are reported to the operator, most of them instead of failing the request or the message. */
export type Incident =
  | { readonly incident: 'ledger-write-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'retire-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'mail-contradicted'; readonly tokenId: TokenId }
  | { readonly incident: 'notice-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'second-chance-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'plan-mark-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'report-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'quota-return-failed'; readonly tokenId: TokenId }
  | { readonly incident: 'expiry-unknown'; readonly tokenId: TokenId }
  | { readonly incident: 'change-unreadable'; readonly sequenceNumber: string };

/** Reports an incident to the operator: logs it with IDs only, and raises an alarm. Never throws. */
export type Report = (incident: Incident, cause: unknown) => void;

/** Milestones, which are counted in addition to incidents and faults. */
export type Milestone =
  | 'LinkRequested'
  | 'LinkIssued'
  | 'LinkRevoked'
  | 'MailSent'
  | 'MailRefused'
  | 'MailBounced'
  | 'MailComplained'
  | 'TokenRedeemed'
  | 'FileReissued'
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

/** Log line about a request or a message, with its outcome. It contains IDs, but never input, tokens, or URLs. */
export interface Handled {
  readonly route: string;
  readonly requestId: string;
  /** Problem code of a refusal, or what was done, such as `issued`. */
  readonly outcome: string;
  readonly tokenId?: TokenId;
  readonly uploadId?: UploadId;
  /** Bytes sent, if the response was a file. */
  readonly bytes?: number;
  readonly milestone?: Milestone;
}

/** Writes logs and metrics. No method throws. */
export interface Telemetry {
  readonly report: Report;
  handled(line: Handled): void;
  /** Counts a milestone, without a log line. */
  count(milestone: Milestone, times: number): void;
  readonly age: MeasureAge;
  /** Logs an unexpected failure or an unavailable service, with the route. The message of the error is not logged. */
  fault(route: string, requestId: string, cause: unknown): void;
}
