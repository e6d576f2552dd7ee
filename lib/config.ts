import { z } from 'zod';
import { brandAccent, brandLogo, brandName, imprintUrl } from './brand-options.ts';

/*
 * Every deploy option: its default, its bounds and what it does. An option is set in cdk.json under `tvm`, where it is
 * committed with the deployment, or with `-c name=value`, which is always a string. Both are read alike.
 */

const flag = z.preprocess(
  (given) => (given === 'true' ? true : given === 'false' ? false : given),
  z.boolean({ error: 'must be true or false' }),
);

const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(
    (given) => (typeof given === 'string' && /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : given),
    z.int({ error }).min(min, { error }).max(max, { error }),
  );
};

/** Lambda allows 4 KB of environment in total, and three lists share it with about 1,300 bytes of everything else. */
const LIST_CHARACTERS = 800;

const list = <Item extends z.ZodType<string, string>>(item: Item) =>
  z.preprocess(
    (given) =>
      typeof given === 'string'
        ? given
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : given,
    z
      .array(item, { error: 'must be a list, or one string with commas between' })
      .refine((items) => items.join(',').length <= LIST_CHARACTERS, {
        error: `must not be longer than ${LIST_CHARACTERS} characters in all`,
      }),
  );

/** Matches a DNS name of two labels or more (RFC 1123, section 2.1), in its ASCII form. */
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

const domain = z
  .string({ error: 'must be a domain such as example.org' })
  .regex(DOMAIN, { error: 'must be a domain such as example.org' })
  .toLowerCase();
const address = z.email({ error: 'must be an e-mail address such as files@example.org' }).max(254);
const addressOrDomain = z.union([address, domain], { error: 'must hold e-mail addresses and domains only' });

/** Accepts the serialized origin of a site (HTML standard, section 7.1.1): no path, no default port, no wildcard. */
const origin = z
  .string({ error: 'must be an origin such as https://www.example.org' })
  .refine(isSiteOrigin, { error: 'must be an origin such as https://www.example.org, without a path' });

/**
 * Tells whether the text is an origin that other people's pages can have. Plain HTTP is only for a developer's own
 * machine.
 */
function isSiteOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin: serialized, protocol, hostname } = new URL(text);
  if (serialized !== text) return false;
  const local = hostname === 'localhost' || hostname === '127.0.0.1';
  return protocol === 'https:' ? DOMAIN.test(hostname) : protocol === 'http:' && local;
}

/** Lists the retentions that CloudWatch Logs supports (API reference, PutRetentionPolicy), in days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const logRetention = z.preprocess(
  (given) => (typeof given === 'string' ? Number(given) : given),
  z.literal(LOG_RETENTION_DAYS, { error: `must be one of ${LOG_RETENTION_DAYS.join(', ')}` }),
);

/** Lists classes that a file can be read from at once (Amazon S3 User Guide, "Understanding storage classes"). */
const STORAGE_CLASSES = ['STANDARD', 'STANDARD_IA', 'INTELLIGENT_TIERING'] as const;

const TOPIC_ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;

/**
 * Matches the ARN of a regional web ACL (Service Authorization Reference, "AWS WAF V2", resource type webacl); a global
 * one is for CloudFront only.
 */
const WEB_ACL_ARN = /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}$/;
const webAclError =
  'must be the ARN of a regional WAFv2 web ACL, arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID';

/**
 * Limits the stack name. CloudFormation allows 128 characters, but then generated names and full lists exceed Lambda's
 * 4 KB of environment.
 */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/** Defines every option by name. An option without a default may be left out. */
export const configSchema = z.strictObject(
  {
    stage: z
      .enum(['dev', 'prod'], { error: 'must be dev or prod' })
      .default('dev')
      .describe(
        'dev is destroyed without residue; prod keeps tables, files, keys and logs, protects the tables and wants senderDomain.',
      ),
    stackName: z
      .string({ error: 'must be a name' })
      .regex(STACK_NAME, {
        error: 'must start with a letter and hold at most 64 letters, digits and hyphens',
      })
      .default('TokenVendingMachine')
      .describe('Name of the CloudFormation stack and namespace of its metrics.'),
    senderEmail: address
      .optional()
      .describe(
        'Address that mails come from. Deploying needs it; with senderDomain it is files@ that domain.',
      ),
    senderDomain: domain
      .optional()
      .describe('Domain whose SES identity sends the mails; senderEmail lies in it. prod needs it.'),
    createIdentity: flag
      .optional()
      .describe(
        'Whether this stack creates the SES identity of the sender. Left out: yes for a senderEmail alone, no for a senderDomain.',
      ),
    linkLifetimeMinutes: whole(5, 576_000)
      .default(15)
      .describe('Minutes that a link can be redeemed in, unless a signed caller asks otherwise.'),
    downloadSeconds: whole(5, 300)
      .default(30)
      .describe('Seconds that the download URL of a redeemed link lives.'),
    sourceLimitPerHour: whole(1, 1_000_000)
      .default(60)
      .describe('Requests an hour from one source address (IPv6: one /64).'),
    sourceMailLimitPerDay: whole(1, 1_000_000)
      .default(15)
      .describe(
        'Mails a day that one source address may ask for. Keep it a small share of formMailLimitPerDay, so that no stranger alone uses up the day.',
      ),
    addressLimitPerHour: whole(1, 1_000)
      .default(5)
      .describe('Mails an hour to one e-mail address for one file.'),
    addressLimitPerDay: whole(1, 1_000)
      .default(10)
      .describe('Mails a day that the form sends to one e-mail address, whatever the file.'),
    addressCooldownSeconds: whole(1, 86_400)
      .default(60)
      .describe('Seconds between two mails to one e-mail address for one file.'),
    formMailLimitPerDay: whole(1, 10_000_000)
      .default(150)
      .describe(
        'Mails a day that the form sends to everyone together. With programMailLimitPerDay, keep it under the daily quota of the SES account.',
      ),
    programMailLimitPerDay: whole(1, 10_000_000)
      .default(50)
      .describe(
        'Mails a day that signed callers have sent, links and notices together. The form has its own limit.',
      ),
    callerMailLimitPerDay: whole(1, 10_000_000)
      .default(25)
      .describe('Mails a day that one signed caller has sent, a share of programMailLimitPerDay.'),
    allowedRecipients: list(addressOrDomain)
      .default([])
      .describe('E-mail addresses and domains that may receive files; empty for everyone.'),
    allowedDomains: list(domain)
      .default([])
      .describe('Domains that are no throw-away ones, whatever the list of those says.'),
    allowedOrigins: list(origin)
      .default([])
      .describe(
        'Origins of other sites whose pages may ask for a link, by form or by script; empty for none.',
      ),
    brandName: brandName
      .optional()
      .describe(
        'Name on pages and in mails, at most 60 characters; left out, a neutral one in the language of the page.',
      ),
    brandAccent: brandAccent
      .optional()
      .describe(
        'Colour of buttons and links, as #rrggbb; darkened or lightened as far as legibility (WCAG AA) needs.',
      ),
    brandLogo: brandLogo
      .optional()
      .describe(
        'Logo on pages: an image as a data URI of at most 4,000 characters. On a dark page it stands on white.',
      ),
    supportEmail: address.optional().describe('Address of whoever helps, shown on pages and in mails.'),
    imprintUrl: imprintUrl.optional().describe('https URL of the imprint, linked from pages and mails.'),
    streamConcurrency: whole(1, 10_000)
      .default(4)
      .describe(
        'Files that are streamed at the same time; up to twice as many for a moment. A new account runs 10 functions at once, and slow readers must not take them all.',
      ),
    ledgerRetentionDays: whole(1, 36_500).default(365).describe('Days that the history of a token is kept.'),
    receiptRetentionDays: whole(1, 36_500)
      .default(365)
      .describe('Days that a receipt is kept at least; never shorter than the backups of its token.'),
    logRetentionDays: logRetention
      .default(30)
      .describe('Days that the logs of the functions, of the API and of the bucket are kept.'),
    apiLogRole: z
      .enum(['create', 'existing', 'none'], { error: 'must be create, existing or none' })
      .default('create')
      .describe(
        'Role with which API Gateway writes access logs, one for the account and region: create sets it and leaves it behind, existing relies on the one that is set, none does without an access log.',
      ),
    oldVersionDays: whole(1, 36_500)
      .default(30)
      .describe('Days that a replaced or deleted file can be brought back.'),
    storageClass: z
      .enum(STORAGE_CLASSES, { error: `must be one of ${STORAGE_CLASSES.join(', ')}` })
      .default('STANDARD')
      .describe(
        'Storage class that files on offer move to; archives are none, since they cannot be read at once.',
      ),
    storageClassAfterDays: whole(30, 3_650)
      .default(30)
      .describe('Days after which files on offer move to storageClass.'),
    // The default 200 mails a day cause about 2,000 requests, scanners included. Five such days within an hour are no
    // accident. A flood that uses up the throttle of one route (lib/routes.ts) gets there within four minutes.
    requestAlarmPerHour: whole(1, 1_000_000_000)
      .default(10_000)
      .describe('Requests within an hour that raise RequestVolumeAlarm, whoever sent them.'),
    webAclArn: z
      .string({ error: webAclError })
      .regex(WEB_ACL_ARN, { error: webAclError })
      .optional()
      .describe('Web ACL of AWS WAF, in the same region, that is attached to the API. Left out: none.'),
    alarmEmail: address
      .optional()
      .describe('E-mail address that alarms are sent to, once it has confirmed the subscription.'),
    alarmTopicArn: z
      .string({ error: 'must be the ARN of an SNS topic' })
      .regex(TOPIC_ARN, { error: 'must be the ARN of an SNS topic' })
      .optional()
      .describe(
        'SNS topic that alarms are published to as well; it, and its key if it has one, must let CloudWatch and EventBridge in.',
      ),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object of options' : undefined) },
);

/** Holds what the stack is built from. */
export type Config = z.output<typeof configSchema>;

/** `dev` is destroyed without residue, `prod` keeps its data. */
export type StageName = Config['stage'];

export type OptionName = keyof Config;

/** Lists the names of all options. */
export const optionNames = Object.keys(configSchema.shape) as readonly OptionName[];
