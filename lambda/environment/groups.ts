import * as z from 'zod/mini';
import { LIFETIME } from '../domain/lifetime.ts';

/*
 * Variables that several functions read. Each other file in this folder holds the schemas of one capability: exactly the
 * keys that its functions read. The stack passes exactly these keys (lib/capability.ts), so the two cannot drift apart.
 */

export const name = z.string().check(z.minLength(1));
export const url = z.url();

/** Accepts a whole number within the bounds, and turns it into a number. */
export const wholeNumber = (min: number, max: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,15}$/)),
    z.pipe(z.transform(Number), z.number().check(z.minimum(min), z.maximum(max))),
  );

/** Holds variables as a function's code gets them: parsed, typed values. */
export type Values<Shape extends Readonly<Record<string, z.ZodMiniType>>> = Readonly<
  z.output<z.ZodMiniObject<Shape>>
>;

/** Splits a comma-separated list, in lower case. */
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
/** Names a function in its logs and metrics. The stack adds these to the environment of every function. */
export const telemetryEnvironment = z.strictObject({ SERVICE_NAME: name, METRICS_NAMESPACE: name });

/** Tells where KMS answers. */
const kms = { KMS_URL: url };
export const signing = { ...kms, SIGNING_KEY_ID: name };
export const pseudonyms = { ...kms, PSEUDONYM_KEY_ID: name };
/** Names the key that presence codes are computed with. Absent if the deployment has none. */
export const presenceCodes = { PRESENCE_KEY_ID: z.optional(name) };
/** Tells where the API answers, with the stage path and without a trailing slash. Links are built from nothing else. */
export const publicOrigin = { PUBLIC_ORIGIN: url };
/** Adds the origin of presigned URLs: pages must allow a form's redirect to it. */
export const signedOrigins = { ...publicOrigin, FILES_ORIGIN: url };
/** Names the origin that downloads have instead, if a proxy is in front of the bucket. */
export const downloads = { DOWNLOAD_ORIGIN: z.optional(url) };
export const origins = { ...signedOrigins, ...downloads };
/** Names the endpoint that presigned URLs are signed for, if not S3's own. */
export const presigning = { S3_ENDPOINT: z.optional(url) };
/** Trusts the reverse proxy that has a secret with this SHA-256. Absent if there is no such proxy. */
export const trustedProxy = { PROXY_SECRET_SHA256: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/))) };
/** Tells how links are delivered that do not say. Absent if no reverse proxy could deliver them. */
export const delivery = { DELIVERY: z.optional(z.enum(['redirect', 'proxy'])) };
/** Names the table of second chances. Absent if the deployment gives none. */
export const secondChances = { SECOND_CHANCE_TABLE: z.optional(name) };
/** Lists domains and addresses that may receive mail, comma-separated; empty for everyone. */
export const recipients = { ALLOWED_RECIPIENTS: list };

/** Names the tables of upload links. */
export const uploadLinks = {
  UPLOAD_LINK_TABLE: name,
  UPLOAD_TABLE: name,
  UPLOAD_HISTORY_TABLE: name,
  LEDGER_RETENTION_DAYS: tables.LEDGER_RETENTION_DAYS,
};

/** Names them for functions that also work without uploads. All of them are absent then. */
export const optionalUploadLinks = {
  UPLOAD_LINK_TABLE: z.optional(name),
  UPLOAD_TABLE: z.optional(name),
  UPLOAD_HISTORY_TABLE: z.optional(name),
};

/** Holds the limits of the public form. */
export const formLimits = {
  LINK_LIFETIME_SECONDS,
  SOURCE_LIMIT_PER_HOUR: wholeNumber(1, 1_000_000),
  SOURCE_MAIL_LIMIT_PER_DAY: wholeNumber(1, 1_000_000),
  ADDRESS_LIMIT_PER_HOUR: wholeNumber(1, 1_000),
  ADDRESS_LIMIT_PER_DAY: wholeNumber(1, 1_000),
  ADDRESS_COOLDOWN_SECONDS: wholeNumber(1, 86_400),
  FORM_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
};

/** Holds the limits of signed callers. */
export const programLimits = {
  CALLER_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
  PROGRAM_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
};

/** Holds what a function needs to mail a form link to anyone who asks. */
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
