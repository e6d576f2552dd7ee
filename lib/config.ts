import { z } from 'zod';
import { LONGEST_LINK_MINUTES } from '../lambda/environment/option-rules.ts';
import { brandAccent, brandLogo, brandName, imprintUrl } from './brand-options.ts';
import { bucketEndpoint, frontCertificate, proxyHost, regionalCertificate, zoneId } from './host-options.ts';
import {
  endpointId,
  MOST_RANGES,
  networkCidr,
  routeTableId,
  subnetId,
  vpcCidr,
  vpcId,
} from './network-options.ts';
import {
  address,
  addressOrDomain,
  choice,
  domain,
  flag,
  issuer,
  list,
  matching,
  mediaType,
  origin,
  shortText,
  whole,
} from './option-types.ts';

/*
 * Every deploy option: its default, its bounds, and what it does. An option is set in cdk.json under `tvm`, or with `-c
 * name=value`, which always passes a string.
 */

/** Retentions that CloudWatch Logs supports, in days (API reference, PutRetentionPolicy). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const logRetention = z.preprocess(
  (given) => (typeof given === 'string' ? Number(given) : given),
  z.literal(LOG_RETENTION_DAYS, { error: `must be one of ${LOG_RETENTION_DAYS.join(', ')}` }),
);

/** Storage classes with immediate access (Amazon S3 User Guide, "Understanding storage classes"). */
const STORAGE_CLASSES = ['STANDARD', 'STANDARD_IA', 'INTELLIGENT_TIERING'] as const;

const topicArn = matching(
  /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/,
  'must be the ARN of an SNS topic',
);

/**
 * ARN of a regional web ACL (Service Authorization Reference, "AWS WAF V2", resource type webacl). Global web ACLs are
 * for CloudFront only.
 */
const webAclArn = matching(
  /^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}$/,
  'must be the ARN of a regional WAFv2 web ACL, arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID',
);

/**
 * Stack name. CloudFormation allows 128 characters. With a name that long, generated names and full lists would together
 * exceed the 4 KB that Lambda allows for environment variables.
 */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;
const TEBIBYTE = 1024 ** 4;

/** Documents, spreadsheets, images, and archives. Types that browsers execute, such as HTML and SVG, are left out. */
const DEFAULT_UPLOAD_TYPES = [
  'application/pdf',
  'application/json',
  'application/xml',
  'application/zip',
  'application/gzip',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'text/plain',
  'text/csv',
  'text/markdown',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/tiff',
  'image/heic',
];

/** Every option by name. All are optional. An option without a default is `undefined` if it is left out. */
export const configSchema = z.strictObject(
  {
    stage: choice('dev', 'prod')
      .default('dev')
      .describe(
        'Destroying a dev stack deletes its data, and its KMS keys after a week. prod keeps tables, files, keys, and logs, protects the tables from deletion, and requires senderDomain.',
      ),
    stackName: z
      .string({ error: 'must be a name' })
      .regex(STACK_NAME, {
        error: 'must be at most 64 letters, digits, and hyphens, and start with a letter',
      })
      // The event bus has the stack's name (Amazon EventBridge API Reference, "CreateEventBus").
      .refine((name) => name !== 'default', {
        error: "must not be the name of the account's default event bus",
      })
      .default('TokenVendingMachine')
      .describe('Name of the CloudFormation stack and namespace of its metrics.'),
    senderEmail: address
      .optional()
      .describe(
        'Address that e-mails come from. Required to deploy, unless senderDomain is set. In that case, the default is files@DOMAIN.',
      ),
    senderDomain: domain
      .optional()
      .describe(
        'Domain whose SES identity sends the e-mails. senderEmail must be in this domain. prod requires senderDomain.',
      ),
    createIdentity: flag
      .optional()
      .describe(
        'Whether this stack creates the SES identity of the sender. Default: yes if only senderEmail is set, no if senderDomain is set.',
      ),
    linkLifetimeMinutes: whole(5, LONGEST_LINK_MINUTES)
      .default(15)
      .describe(
        'Minutes for which a link can be redeemed, unless an IAM caller requests a different lifetime.',
      ),
    downloadSeconds: whole(5, 300)
      .default(30)
      .describe('Lifetime of the download URL of a redeemed link, in seconds.'),
    sourceLimitPerHour: whole(1, 1_000_000)
      .default(60)
      .describe('Requests per hour from one source address (IPv6: one /64).'),
    sourceMailLimitPerDay: whole(1, 1_000_000)
      .default(15)
      .describe(
        'E-mails per day that one source address may request. Keep it well below formMailLimitPerDay, so that no single source can use up that limit.',
      ),
    addressLimitPerHour: whole(1, 1_000)
      .default(5)
      .describe('E-mails per hour to one address, for one file.'),
    addressLimitPerDay: whole(1, 1_000)
      .default(10)
      .describe('E-mails per day that the form sends to one address, for all files.'),
    addressCooldownSeconds: whole(1, 86_400)
      .default(60)
      .describe('Minimum number of seconds between two e-mails to one address, for one file.'),
    formMailLimitPerDay: whole(1, 10_000_000)
      .default(150)
      .describe(
        'E-mails per day that the form sends. Keep the sum of this limit and programMailLimitPerDay below the daily quota of the SES account.',
      ),
    programMailLimitPerDay: whole(1, 10_000_000)
      .default(50)
      .describe(
        'E-mails per day for all IAM callers together, including notices. The form has its own limit.',
      ),
    callerMailLimitPerDay: whole(1, 10_000_000)
      .default(25)
      .describe('E-mails per day for one IAM caller. They count against programMailLimitPerDay, too.'),
    allowedRecipients: list(addressOrDomain)
      .default([])
      .describe('E-mail addresses and domains that are allowed to receive files. If empty, all are.'),
    allowedDomains: list(domain)
      .default([])
      .describe('Domains exempt from the disposable-address blocklist.'),
    allowedOrigins: list(origin)
      .default([])
      .describe('Origins of other sites whose pages are allowed to request links, by form or by script.'),
    proofOfWork: choice('off', 'auto', 'always')
      .default('off')
      .describe(
        'Whether browsers must compute for some seconds before they request a link. With auto, this applies once requests without a proof of work have used half of sourceLimitPerHour or of formMailLimitPerDay. With always, it applies from the first request, but a tenth of each limit is left to browsers without JavaScript.',
      ),
    brandName: brandName
      .optional()
      .describe(
        'Name on pages and in e-mails, at most 60 characters. Default: a neutral name in the language of the page.',
      ),
    brandAccent: brandAccent
      .optional()
      .describe(
        'Color of buttons and links, as #rrggbb. It is darkened or lightened as needed for legibility (WCAG AA).',
      ),
    brandLogo: brandLogo
      .optional()
      .describe(
        'Logo on pages: an image as a data URI of at most 4,000 characters. Dark pages show it on a white background.',
      ),
    supportEmail: address.optional().describe('Support address, shown on pages and in e-mails.'),
    imprintUrl: imprintUrl.optional().describe('HTTPS URL of the imprint, linked from pages and e-mails.'),
    uploads: choice('on', 'off')
      .default('on')
      .describe(
        'Whether IAM callers may upload files, which GuardDuty scans. off removes uploads from the stack, but the bucket keeps the files, and prod their tables (docs/uploads.md).',
      ),
    watermarks: choice('on', 'off')
      .default('off')
      .describe(
        'Whether IAM callers may issue links for copies of PDFs with the name of the recipient stamped on each page.',
      ),
    secondChance: choice('on', 'off')
      .default('off')
      .describe(
        'Whether a browser whose download was interrupted may get the file again, within ten minutes and at most three times. Applies only to links that are redeemed with a button.',
      ),
    collections: choice('on', 'off')
      .default('off')
      .describe('Whether IAM callers may issue links that lead to several files.'),
    presenceCode: choice('on', 'off')
      .default('off')
      .describe(
        'Whether form links ask for a code that was shown when the link was requested, and whether IAM callers may issue links that ask for a code.',
      ),
    uploadMaxBytes: whole(1, 5 * TEBIBYTE)
      .default(5 * GIBIBYTE)
      .describe(
        'Maximum size of one upload in bytes. A file that is too large for GuardDuty waits for an operator.',
      ),
    uploadTypes: list(mediaType).default(DEFAULT_UPLOAD_TYPES).describe('Media types that may be uploaded.'),
    openUploadLimit: whole(1, 100)
      .default(20)
      .describe('Maximum number of uploads that one tenant may have open at the same time.'),
    uploadBytesPerDay: whole(MEBIBYTE, 100 * TEBIBYTE)
      .default(50 * GIBIBYTE)
      .describe('Bytes per day that one tenant may upload.'),
    uploadSessionHours: whole(1, 168)
      .default(24)
      .describe('Hours within which an upload must be sent and finalized.'),
    oidcIssuer: issuer
      .optional()
      .describe(
        'Issuer of an OpenID Connect provider. Together with oidcAudience and oidcTenantClaim, it opens the routes under /oidc to bearer tokens. Default: no such routes.',
      ),
    oidcAudience: shortText.optional().describe('Audience (`aud`) that a bearer token must have.'),
    oidcTenantClaim: shortText
      .optional()
      .describe(
        'Claim that names the tenant in a bearer token. The tenant owns what is uploaded with the token.',
      ),
    events: flag
      .default(false)
      .describe(
        'Whether the stack publishes events such as `link.redeemed` on an Amazon EventBridge bus (docs/events.md).',
      ),
    scanAlarmGigabytesPerDay: whole(1, 1_000_000)
      .default(100)
      .describe('Gigabytes scanned per day that raise ScannedBytesAlarm.'),
    scanAlarmObjectsPerDay: whole(1, 100_000_000)
      .default(10_000)
      .describe('Objects scanned per day that raise ScannedObjectsAlarm.'),
    deletionAlarmPerHour: whole(1, 1_000_000)
      .default(100)
      .describe('Unpublished uploads deleted per hour that raise UploadDeletionAlarm.'),
    proxyOrigin: origin
      .optional()
      .describe(
        'Origin of the reverse proxy in front of the API, for links, e-mails, and pages. Requires proxySecretSha256. Default: none.',
      ),
    proxySecretSha256: matching(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex, 64 lowercase digits')
      .optional()
      .describe(
        "SHA-256, in hex, of the secret by which the API recognizes the reverse proxy. Only the proxy's configuration contains the secret.",
      ),
    delivery: choice('redirect', 'proxy')
      .default('redirect')
      .describe(
        'How files are delivered by form links, and by API links that do not specify a delivery. With redirect, the browser is sent to a URL of the bucket. With proxy, the reverse proxy sends the bytes.',
      ),
    streamConcurrency: whole(1, 10_000)
      .default(4)
      .describe(
        'Maximum number of files that are streamed at the same time. A new account can run only 10 functions at a time, and slow readers must not occupy them all.',
      ),
    ledgerRetentionDays: whole(1, 36_500)
      .default(365)
      .describe(
        'Days to keep the ledger entries of a token. Those with its terms, its address, and the outcome of its e-mails are kept at least until 36 days after its expiry.',
      ),
    receiptRetentionDays: whole(1, 36_500)
      .default(365)
      .describe(
        'Minimum number of days to keep a receipt. A receipt is never removed before the backups of its token.',
      ),
    logRetentionDays: logRetention
      .default(30)
      .describe('Days to keep the logs of the functions, the API, and the bucket.'),
    apiLogRole: choice('create', 'existing', 'none')
      .default('create')
      .describe(
        'Role with which API Gateway writes access logs. An account has one per region. create sets it, and keeps it when the stack is deleted. existing uses the role that is already set. none turns access logs off.',
      ),
    oldVersionDays: whole(1, 36_500)
      .default(30)
      .describe('Days within which a replaced or deleted file can be restored.'),
    storageClass: z
      .enum(STORAGE_CLASSES, { error: `must be one of ${STORAGE_CLASSES.join(', ')}` })
      .default('STANDARD')
      .describe(
        'Storage class that offered files move to. Archive classes are not allowed, because their files cannot be read immediately.',
      ),
    storageClassAfterDays: whole(30, 3_650)
      .default(30)
      .describe('Days after which offered files move to storageClass.'),
    // The default limits allow 200 e-mails a day, which cause about 2,000 requests, scanners included. Five times as
    // many in one hour is not normal. A flood that uses up the throttle of one route (lib/route.ts) sends that many
    // within four minutes.
    requestAlarmPerHour: whole(1, 1_000_000_000)
      .default(10_000)
      .describe('Requests per hour, from all sources together, that raise RequestVolumeAlarm.'),
    apiDomain: domain
      .optional()
      .describe(
        'Host name of the API, and so of links and pages: https://apiDomain/. Disables the default address from API Gateway. Requires apiCertificateArn.',
      ),
    apiCertificateArn: regionalCertificate
      .optional()
      .describe('ARN of the ACM certificate for apiDomain, in the region of the stack.'),
    downloadHost: proxyHost
      .optional()
      .describe(
        'Host name of your proxy in front of the bucket, with a port if it is not 443. It replaces the host name in download URLs after they have been signed. Default: the host name of the bucket.',
      ),
    downloadDomain: domain
      .optional()
      .describe(
        'Host name of downloads, for which the stack creates a CloudFront distribution. Requires downloadCertificateArn.',
      ),
    downloadCertificateArn: frontCertificate
      .optional()
      .describe('ARN of the ACM certificate for downloadDomain, in us-east-1.'),
    hostedZoneId: zoneId
      .optional()
      .describe(
        'ID of the public Route 53 zone for the records of apiDomain and downloadDomain. Without it, outputs show where the names must point. Requires hostedZoneName.',
      ),
    hostedZoneName: domain.optional().describe('Name of the zone with the ID hostedZoneId.'),
    s3Endpoint: bucketEndpoint
      .optional()
      .describe(
        'Host name of an S3 interface endpoint for which download and upload URLs are signed. The functions themselves do not use it.',
      ),
    fileTrail: flag
      .default(false)
      .describe(
        'Whether CloudTrail records who reads objects in the bucket. It writes to a separate bucket.',
      ),
    webAclArn: webAclArn
      .optional()
      .describe('ARN of an AWS WAF web ACL in the same region to attach to the API. Default: none.'),
    network: choice('public', 'private')
      .default('public')
      .describe(
        'private makes the API private and puts the functions into subnets without internet access. Only accepted in cdk.json. See docs/networks/private.md.',
      ),
    endpointAccess: choice('strict', 'basic')
      .default('strict')
      .describe(
        'With strict, the API refuses requests whose TLS handshake names another host, and requests through another type of endpoint. network can be changed only with basic. See docs/networks/private.md.',
      ),
    vpcCidr: vpcCidr
      .optional()
      .describe(
        'IPv4 range of the VPC that a private network creates, from /16 to /26. Default: 10.254.254.0/24.',
      ),
    vpcId: vpcId
      .optional()
      .describe(
        'ID of an existing VPC for a private network. Everything else in it loses access to the services for which the stack creates endpoints (docs/networks/private.md). Default: the stack creates one.',
      ),
    subnetIds: list(subnetId)
      .default([])
      .describe('IDs of subnets of the existing VPC, in at least two zones, for functions and endpoints.'),
    routeTableIds: list(routeTableId)
      .default([])
      .describe(
        'IDs of route tables of the existing VPC that get routes to the gateway endpoints of S3 and DynamoDB. Everything that uses these route tables can then reach only the files and tables of this stack in S3 and DynamoDB.',
      ),
    endpointIds: list(endpointId)
      .default([])
      .describe(
        'Endpoints of the existing VPC to use instead of new ones, as SERVICE=vpce-... or SERVICE=vpce-.../sg-... with the security group of an interface endpoint.',
      ),
    networkCidrs: list(networkCidr, 1_000)
      .refine((ranges) => ranges.length <= MOST_RANGES, {
        error: `must not contain more than ${MOST_RANGES} ranges`,
      })
      .default([])
      .describe(
        'IPv4 ranges that are allowed to call a private API and download files, such as the company network. At most 50. A VPC that the stack creates is always included.',
      ),
    alarmEmail: address
      .optional()
      .describe('E-mail address that receives alarms, once its owner has confirmed the subscription.'),
    alarmTopicArn: topicArn
      .optional()
      .describe(
        'ARN of an SNS topic that receives alarms. The topic, and its key if it has one, must allow CloudWatch and EventBridge.',
      ),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined) },
);

/** The options that the stack is built from, with defaults filled in. */
export type Config = z.output<typeof configSchema>;

/** Destroying a `dev` stack deletes its data. `prod` keeps it. */
export type StageName = Config['stage'];

export type OptionName = keyof Config;

export const optionNames = Object.keys(configSchema.shape) as readonly OptionName[];
