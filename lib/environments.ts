import type { EnvironmentVariables, FunctionName } from '../lambda/environment.ts';
import type { Config } from './config.ts';
import type { Api } from './constructs/api.ts';
import type { BounceQueue } from './constructs/bounce-queue.ts';
import type { FileStore } from './constructs/file-store.ts';
import type { Keys } from './constructs/keys.ts';
import type { MailQueue } from './constructs/mail-queue.ts';
import type { MailSender } from './constructs/mail-sender.ts';
import type { TokenStore } from './constructs/token-store.ts';

/** Lists what environments are built from. */
export interface Parts {
  readonly config: Config;
  readonly keys: Keys;
  readonly store: TokenStore;
  readonly files: FileStore;
  readonly mail: MailQueue;
  readonly feedback: BounceQueue;
  readonly sender: MailSender;
  readonly api: Api;
}

/** Returns the environment of every function. It has exactly the keys of its schema, or this does not compile. */
export function environmentsOf(parts: Parts): {
  readonly [Name in FunctionName]: EnvironmentVariables<Name>;
} {
  const { config, keys, store, files, mail, sender, api } = parts;

  const PUBLIC_ORIGIN = api.origin;
  const origins = { PUBLIC_ORIGIN, FILES_ORIGIN: files.origin };
  const TOKEN_TABLE = store.tokens.tableName;
  const RECEIPT_TABLE = store.receipts.tableName;
  const tables = {
    TOKEN_TABLE,
    LEDGER_TABLE: store.ledger.tableName,
    LEDGER_RETENTION_DAYS: String(config.ledgerRetentionDays),
  };
  const endings = { RECEIPT_TABLE, RECEIPT_RETENTION_DAYS: String(config.receiptRetentionDays) };
  const SIGNING_KEY_ID = keys.signing.keyId;
  const PSEUDONYM_KEY_ID = keys.pseudonym.keyId;
  const FILE_BUCKET = files.bucket.bucketName;
  const DOWNLOAD_SECONDS = String(config.downloadSeconds);
  const LINK_LIFETIME_SECONDS = String(config.linkLifetimeMinutes * 60);
  const MAIL_QUEUE_URL = mail.queue.queueUrl;
  const QUOTA_TABLE = store.quota.tableName;
  const ALLOWED_RECIPIENTS = config.allowedRecipients.join(',');
  const limits = {
    LINK_LIFETIME_SECONDS,
    SOURCE_LIMIT_PER_HOUR: String(config.sourceLimitPerHour),
    SOURCE_MAIL_LIMIT_PER_DAY: String(config.sourceMailLimitPerDay),
    ADDRESS_LIMIT_PER_HOUR: String(config.addressLimitPerHour),
    ADDRESS_LIMIT_PER_DAY: String(config.addressLimitPerDay),
    ADDRESS_COOLDOWN_SECONDS: String(config.addressCooldownSeconds),
    FORM_MAIL_LIMIT_PER_DAY: String(config.formMailLimitPerDay),
  };
  const programLimits = {
    CALLER_MAIL_LIMIT_PER_DAY: String(config.callerMailLimitPerDay),
    PROGRAM_MAIL_LIMIT_PER_DAY: String(config.programMailLimitPerDay),
  };
  const requesting = {
    ...tables,
    ...origins,
    ...limits,
    FILE_BUCKET,
    RECEIPT_TABLE,
    QUOTA_TABLE,
    PSEUDONYM_KEY_ID,
    MAIL_QUEUE_URL,
    ALLOWED_RECIPIENTS,
  };
  const redeeming = { ...tables, ...endings, ...origins, SIGNING_KEY_ID, FILE_BUCKET, MAIL_QUEUE_URL };

  return {
    mint: {
      ...requesting,
      ALLOWED_DOMAINS: config.allowedDomains.join(','),
      ALLOWED_ORIGINS: config.allowedOrigins.join(','),
    },
    mail: {
      ...tables,
      ...programLimits,
      RECEIPT_TABLE,
      QUOTA_TABLE,
      ALLOWED_RECIPIENTS,
      SIGNING_KEY_ID,
      PUBLIC_ORIGIN,
      SENDER_EMAIL: sender.address,
      CONFIGURATION_SET: sender.configurationSet.configurationSetName,
    },
    pages: { ...origins, ...limits, TOKEN_TABLE, RECEIPT_TABLE, SIGNING_KEY_ID, DOWNLOAD_SECONDS },
    redeem: { ...redeeming, DOWNLOAD_SECONDS },
    stream: { ...redeeming, QUOTA_TABLE, STREAM_CONCURRENCY: String(config.streamConcurrency) },
    links: {
      ...tables,
      ...endings,
      ...programLimits,
      SIGNING_KEY_ID,
      PSEUDONYM_KEY_ID,
      FILE_BUCKET,
      PUBLIC_ORIGIN,
      LINK_LIFETIME_SECONDS,
      MAIL_QUEUE_URL,
      ISSUE_TABLE: store.plans.tableName,
      QUOTA_TABLE,
      ALLOWED_RECIPIENTS,
    },
    renewals: { ...requesting, SIGNING_KEY_ID },
    bounces: { ...tables, ...endings, PSEUDONYM_KEY_ID },
  };
}
