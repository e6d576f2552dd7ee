import type { z } from 'zod';
import { type Config, configSchema, optionNames } from './config.ts';
import { hostProblems } from './host-options.ts';
import { nearestName } from './nearest-name.ts';
import { networkProblems } from './network-options.ts';

/** Context key of the committed options. */
const OPTIONS_KEY = 'tvm';

/** Context keys that only look like options: the key of the committed options, and keys of the CDK command line. */
const CDK_KEYS: ReadonlySet<string> = new Set([OPTIONS_KEY, 'acknowledged-issue-numbers', 'cli-telemetry']);

/** Maximum line length in the list of valid names, in characters. */
const LINE_WIDTH = 80;

/** Reports every problem with the options, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  /** @param known the valid names, if an unknown one was given */
  constructor(problems: readonly string[], known: readonly string[] = []) {
    super(
      [
        'Invalid deployment options:',
        ...problems.map((line) => `  - ${line}`),
        ...(known.length === 0 ? [] : ['The options are:', ...wrapped(known)]),
      ].join('\n'),
    );
    this.problems = problems;
  }
}

/** Formats words as a comma-separated list, with as many words per line as fit. */
function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const [index, word] of words.entries()) {
    const text = index < words.length - 1 ? `${word},` : word;
    const longer = `${lines.at(-1) ?? ''} ${text}`;
    if (lines.length > 0 && longer.length <= LINE_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(`    ${text}`);
  }
  return lines;
}

/**
 * Reads the options from the CDK context: those under `tvm` in cdk.json, overridden by `-c name=value`. Keys of the CDK
 * are ignored. Any other unknown key is an error.
 *
 * @throws ConfigError that lists every problem with the options
 */
export function readConfig(context: Readonly<Record<string, unknown>>): Config {
  const committed = context[OPTIONS_KEY] ?? {};
  if (!isRecord(committed)) throw new ConfigError([`${OPTIONS_KEY}: must be an object`]);
  const overrides = Object.fromEntries(Object.entries(context).filter(([key]) => !isCdkKey(key)));
  const given = { ...committed, ...overrides };

  const parsed = configSchema.safeParse(given);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(describeIssue)),
    ...senderProblems(given),
    ...oidcProblems(given),
    ...proxyProblems(given),
    ...(parsed.success ? networkProblems(parsed.data) : []),
    ...('network' in overrides ? [COMMIT_NETWORK] : []),
    ...hostProblems(given),
  ];
  const unknown = parsed.error?.issues.some(({ code }) => code === 'unrecognized_keys') === true;
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems, unknown ? optionNames : []);
  return parsed.data;
}

const COMMIT_NETWORK =
  'network: is not accepted with -c, because the next deployment could forget it and open the API. Write "network": "private" under "tvm" in cdk.json, and commit it';

/** Options that restrict access or keep data. A deployment that leaves one out is less safe than the one before it. */
const SAFEGUARDS: readonly string[] = [
  'stage',
  'allowedRecipients',
  'webAclArn',
  'proxySecretSha256',
  'delivery',
  'proofOfWork',
  'watermarks',
  'presenceCode',
  'fileTrail',
  'uploads',
  'uploadTypes',
  'ledgerRetentionDays',
  'receiptRetentionDays',
  'logRetentionDays',
  'oldVersionDays',
] satisfies (keyof Config)[];

/** Returns the safeguards that were given with `-c`. The next deployment could leave them out. */
export function uncommittedSafeguards(context: Readonly<Record<string, unknown>>): readonly string[] {
  return SAFEGUARDS.filter((option) => option in context);
}

/**
 * Returns whether a key belongs to the CDK. Feature flags start with `@`. Looked-up values and settings of the command
 * line contain a colon.
 */
function isCdkKey(key: string): boolean {
  return key.startsWith('@') || key.includes(':') || CDK_KEYS.has(key);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(describeUnknown);
  }
  return [`${issue.path.join('.')}: ${issue.message}`];
}

function describeUnknown(key: string): string {
  const meant = nearestName(key, optionNames);
  return `Unknown option: ${key}${meant === undefined ? '' : `. Did you mean ${meant}?`}`;
}

/**
 * Returns what is wrong with the combination of sender options. The check is outside the schema, so that its problems are
 * reported together with all others.
 */
function senderProblems(given: Readonly<Record<string, unknown>>): string[] {
  const { senderEmail, senderDomain } = configSchema.shape;
  const email = senderEmail.safeParse(given.senderEmail).data;
  const domain = senderDomain.safeParse(given.senderDomain).data;
  if (email === undefined || domain === undefined) return [];
  const emailDomain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  const within = emailDomain === domain || emailDomain.endsWith(`.${domain}`);
  return within ? [] : ['senderEmail: must be in senderDomain'];
}

/** The options of an identity provider. Each requires the others. */
const OIDC = ['oidcIssuer', 'oidcAudience', 'oidcTenantClaim'] as const satisfies (keyof Config)[];

/** Returns whether bearer tokens of an identity provider are accepted. */
export function acceptsBearerTokens(config: Pick<Config, (typeof OIDC)[number]>): boolean {
  return OIDC.every((option) => config[option] !== undefined);
}

function oidcProblems(given: Readonly<Record<string, unknown>>): string[] {
  if (!OIDC.some(isGiven(given))) return [];
  if (given.network === 'private') {
    return [
      'oidcIssuer: does not work in a private network, whose functions cannot fetch the keys of the issuer',
    ];
  }
  return missingOf(OIDC, given, 'OpenID Connect');
}

const PROXY = ['proxyOrigin', 'proxySecretSha256'] as const satisfies (keyof Config)[];

function proxyProblems(given: Readonly<Record<string, unknown>>): string[] {
  const isUsed = given.delivery === 'proxy' || PROXY.some(isGiven(given));
  return isUsed ? missingOf(PROXY, given, 'the reverse proxy') : [];
}

const isGiven = (given: Readonly<Record<string, unknown>>) => (option: string) => given[option] !== undefined;

function missingOf(
  group: readonly string[],
  given: Readonly<Record<string, unknown>>,
  what: string,
): string[] {
  const missing = group.filter((option) => given[option] === undefined);
  return missing.map((option) => `${option}: is required together with the other options of ${what}`);
}
