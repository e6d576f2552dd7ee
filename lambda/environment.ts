import * as z from 'zod/mini';

/*
 * The environment of every function: exactly these keys, checked once when it starts. The stack passes them through
 * `vending-function.ts`, which accepts no others, so the stack and the code cannot drift apart.
 */

const name = z.string().check(z.minLength(1));
const url = z.url();
const wholeNumber = (min: number, max: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,9}$/)),
    z.pipe(z.transform(Number), z.number().check(z.minimum(min), z.maximum(max))),
  );
const list = z.pipe(
  z.string(),
  z.transform((text: string) =>
    text
      .toLowerCase()
      .split(',')
      .filter((item) => item !== ''),
  ),
);

/** Tells where the API answers, with the stage path and without a trailing slash. Links are built from nothing else. */
const PUBLIC_ORIGIN = url;
/** Holds the origin of presigned URLs: pages must allow a form's redirect to it. */
const FILES_ORIGIN = url;

const MAIL_QUEUE_URL = url;
/** Lists domains and addresses that may receive mail, comma-separated; empty for everyone. */
const ALLOWED_RECIPIENTS = list;

const tables = { TOKEN_TABLE: name, LEDGER_TABLE: name, LEDGER_RETENTION_DAYS: wholeNumber(1, 36_500) };
const receipts = { RECEIPT_TABLE: name };
const endings = { ...receipts, RECEIPT_RETENTION_DAYS: wholeNumber(1, 36_500) };
const signing = { SIGNING_KEY_ID: name };
const files = { FILE_BUCKET: name };
const pages = { PUBLIC_ORIGIN, FILES_ORIGIN };
const limits = {
  LINK_LIFETIME_SECONDS: wholeNumber(60, 34_560_000),
  SOURCE_LIMIT_PER_HOUR: wholeNumber(1, 1_000_000),
  SOURCE_MAIL_LIMIT_PER_DAY: wholeNumber(1, 1_000_000),
  ADDRESS_LIMIT_PER_HOUR: wholeNumber(1, 1_000),
  ADDRESS_LIMIT_PER_DAY: wholeNumber(1, 1_000),
  ADDRESS_COOLDOWN_SECONDS: wholeNumber(1, 86_400),
  FORM_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
};
const programLimits = {
  CALLER_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
  PROGRAM_MAIL_LIMIT_PER_DAY: wholeNumber(1, 10_000_000),
};
const requesting = {
  ...tables,
  ...receipts,
  ...files,
  ...pages,
  ...limits,
  QUOTA_TABLE: name,
  PSEUDONYM_KEY_ID: name,
  MAIL_QUEUE_URL,
  ALLOWED_RECIPIENTS,
};
const redeeming = { ...tables, ...endings, ...signing, ...files, ...pages, MAIL_QUEUE_URL };

/** Maps each function to its schema. Names match the entries. */
export const environments = {
  mint: z.strictObject({
    ...requesting,
    /** Domains exempt from the disposable-address blocklist, comma-separated. */
    ALLOWED_DOMAINS: list,
    /** Origins whose pages may call `POST /token`, by form or by script, comma-separated. */
    ALLOWED_ORIGINS: list,
  }),
  mail: z.strictObject({
    ...tables,
    ...receipts,
    ...signing,
    ...programLimits,
    QUOTA_TABLE: name,
    ALLOWED_RECIPIENTS,
    PUBLIC_ORIGIN,
    SENDER_EMAIL: name,
    CONFIGURATION_SET: name,
  }),
  pages: z.strictObject({
    ...receipts,
    ...signing,
    ...pages,
    ...limits,
    TOKEN_TABLE: name,
    DOWNLOAD_SECONDS: wholeNumber(5, 300),
  }),
  redeem: z.strictObject({ ...redeeming, DOWNLOAD_SECONDS: wholeNumber(5, 300) }),
  stream: z.strictObject({ ...redeeming, QUOTA_TABLE: name, STREAM_CONCURRENCY: wholeNumber(1, 10_000) }),
  links: z.strictObject({
    ...tables,
    ...endings,
    ...signing,
    ...files,
    ...programLimits,
    PUBLIC_ORIGIN,
    LINK_LIFETIME_SECONDS: limits.LINK_LIFETIME_SECONDS,
    ISSUE_TABLE: name,
    QUOTA_TABLE: name,
    PSEUDONYM_KEY_ID: name,
    MAIL_QUEUE_URL,
    ALLOWED_RECIPIENTS,
  }),
  renewals: z.strictObject({ ...requesting, ...signing }),
  bounces: z.strictObject({ ...tables, ...endings, PSEUDONYM_KEY_ID: name }),
} as const;

const brandSettings = z.strictObject({
  name: z.optional(name),
  accent: z.optional(z.string().check(z.regex(/^#[0-9a-f]{6}$/))),
  logo: z.optional(z.string().check(z.startsWith('data:image/'))),
  supportAddress: z.optional(name),
  imprint: z.optional(url),
});

/** Describes the brand of pages and mails, as far as the operator has set it. */
export type BrandSettings = Readonly<z.output<typeof brandSettings>>;

/**
 * Reads the brand that the stack has written into a bundle.
 *
 * @param json `undefined` outside a bundle: no brand
 * @throws Error if it does not match this schema
 */
export function parseBrand(json: string | undefined): BrandSettings {
  return brandSettings.parse(JSON.parse(json ?? '{}'));
}

/** Lists the functions of the stack. */
export type FunctionName = keyof typeof environments;

/** Holds what a function's code gets: parsed, typed values. */
export type Environment<Name extends FunctionName> = z.output<(typeof environments)[Name]>;

/** Holds what the stack passes to a function: exactly its keys, as strings. */
export type EnvironmentVariables<Name extends FunctionName> = z.input<(typeof environments)[Name]>;

/**
 * Reads a function's environment. Keys that the runtime or Powertools set are left alone.
 *
 * @throws Error naming every key that is missing or wrong, and no value
 */
export function parseEnvironment<Name extends FunctionName>(
  name: Name,
  variables: Readonly<Record<string, string | undefined>>,
): Environment<Name> {
  const schema = environments[name];
  const known = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, variables[key]]));
  const parsed = schema.safeParse(known);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new Error(`The environment of ${name} is incomplete or wrong: ${wrong}`);
  }
  return parsed.data as Environment<Name>;
}
