import * as z from 'zod/mini';
import { LIFETIME } from '../domain/lifetime.ts';

/*
 * Variables that several functions read. The functions' schemas are in separate files, one for each capability. A
 * schema has exactly the keys that its function reads, and the stack passes exactly these keys (lib/capability.ts), so
 * the two cannot drift apart.
 */

export const name = z.string().check(z.minLength(1));
export const url = z.url();

/** Creates a schema for a whole number within the given bounds. */
export const wholeNumber = (min: number, max: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,15}$/)),
    z.pipe(z.transform(Number), z.number().check(z.minimum(min), z.maximum(max))),
  );

/** Parsed, typed variables, as a function gets them. */
export type Values<Shape extends Readonly<Record<string, z.ZodMiniType>>> = Readonly<
  z.output<z.ZodMiniObject<Shape>>
>;

/** Comma-separated list, converted to lower case. */
export const list = z.pipe(
  z.string(),
  z.transform((text: string) =>
    text
      .toLowerCase()
      .split(',')
      .filter((item) => item !== ''),
  ),
);

export const LINK_LIFETIME_SECONDS = wholeNumber(LIFETIME.min, LIFETIME.max);
export const DOWNLOAD_SECONDS = wholeNumber(5, 300);

export const tables = {
  TOKEN_TABLE: name,
  LEDGER_TABLE: name,
  LEDGER_RETENTION_DAYS: wholeNumber(1, 36_500),
};
export const receipts = { RECEIPT_TABLE: name };
export const endings = { ...receipts, RECEIPT_RETENTION_DAYS: wholeNumber(1, 36_500) };
/** Name of a function in its logs, and namespace of its metrics. The stack sets them for every function. */
export const telemetryEnvironment = z.strictObject({ SERVICE_NAME: name, METRICS_NAMESPACE: name });

export const kms = { KMS_URL: url };
export const signing = { ...kms, SIGNING_KEY_ID: name };
export const pseudonyms = { ...kms, PSEUDONYM_KEY_ID: name };
/** KMS key from which the key of presence codes is derived. Absent if presence codes are turned off. */
export const presenceCodes = { PRESENCE_KEY_ID: z.optional(name) };
/** Base URL of the API, with the stage path and without a trailing slash. All links begin with it. */
export const publicOrigin = { PUBLIC_ORIGIN: url };
/** Public origin, and the origin of presigned URLs. The pages' CSP must allow forms to redirect to the latter. */
export const signedOrigins = { ...publicOrigin, FILES_ORIGIN: url };
/** Origin of download URLs, if a proxy is in front of the bucket. */
export const downloads = { DOWNLOAD_ORIGIN: z.optional(url) };
export const origins = { ...signedOrigins, ...downloads };
/** Endpoint that presigned URLs are signed for, if it is not S3's own. */
export const presigning = { S3_ENDPOINT: z.optional(url) };
/** SHA-256 of the secret of the trusted reverse proxy. Absent if there is none. */
export const trustedProxy = { PROXY_SECRET_SHA256: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))) };
/** Default delivery of links. Absent if there is no reverse proxy. */
export const delivery = { DELIVERY: z.optional(z.enum(['redirect', 'proxy'])) };
/** Table of second chances. Absent if second chances are turned off. */
export const secondChances = { SECOND_CHANCE_TABLE: z.optional(name) };
/** Allowlist: domains and addresses that are allowed to receive mail, comma-separated; empty to allow everyone. */
export const recipients = { ALLOWED_RECIPIENTS: list };

/** Variables of functions that read links, whether they show or redeem them. */
export const readLinks = {
  ...receipts,
  ...signing,
  ...origins,
  ...trustedProxy,
  ...secondChances,
  TOKEN_TABLE: name,
};

export const uploadLinks = {
  UPLOAD_LINK_TABLE: name,
  UPLOAD_TABLE: name,
  UPLOAD_HISTORY_TABLE: name,
  LEDGER_RETENTION_DAYS: tables.LEDGER_RETENTION_DAYS,
};

/** Tables of upload links, for functions that also work without uploads. All are absent if uploads are turned off. */
export const optionalUploadLinks = {
  UPLOAD_LINK_TABLE: z.optional(name),
  UPLOAD_TABLE: z.optional(name),
  UPLOAD_HISTORY_TABLE: z.optional(name),
};

export const formLimits = {
  LINK_LIFETIME_SECONDS,
  SOURCE_LIMIT_PER_HOUR: wholeNumber(1, 1_000_000),
  SOURCE_MAIL_LIMIT_PER_DAY: wholeNumber(1, 1_000_000),
  ADDRESS_LIMIT_PER_HOUR: wholeNumber(1, 1_000),
  ADDRESS_LIMIT_PER_DAY: wholeNumber(1, 1_000),
  ADDRESS_COOLDOWN_SECONDS: wholeNumber(1, 86_400),
  FORM_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
};

/** Mail limits of IAM callers. */
export const programLimits = {
  CALLER_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
  PROGRAM_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
};

/** Variables of the functions that issue form links. */
export const requesting = {
  ...tables,
  ...receipts,
  ...origins,
  ...trustedProxy,
  ...delivery,
  ...formLimits,
  ...recipients,
  FILE_BUCKET: name,
  QUOTA_TABLE: name,
  ...pseudonyms,
  ...presenceCodes,
  MAIL_QUEUE_URL: url,
};
