import { z } from 'zod';
import type { Config } from './config.ts';
import { domain, matching } from './option-types.ts';

/* The options that give the API and the bucket other host names, and the rules for combining them. */

const certificate = (region: string, where: string) =>
  matching(
    new RegExp(`^arn:aws[a-z-]*:acm:${region}:\\d{12}:certificate/[0-9a-f-]{36}$`),
    `must be the ARN of an ACM certificate in ${where}`,
  );

/** A certificate from any region. CloudFormation refuses one that is not from the API's region. */
export const regionalCertificate = certificate('[a-z0-9-]+', 'the region of the stack');

/**
 * A certificate for CloudFront (Amazon CloudFront Developer Guide, "Requirements for using SSL/TLS certificates with
 * CloudFront").
 */
export const frontCertificate = certificate('us-east-1', 'us-east-1');

const hostError =
  'must be a host name of at most 100 characters, such as downloads.example.org, optionally with a port';

/** The host name of a proxy, with its port if that is not 443. */
export const proxyHost = z.string({ error: hostError }).toLowerCase().refine(isHost, { error: hostError });

function isHost(text: string): boolean {
  const [name = '', port, ...more] = text.split(':');
  const fine = port === undefined || (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535);
  return domain.safeParse(name).success && fine && more.length === 0;
}

/**
 * The name of an interface endpoint for buckets, to which the SDK prepends the bucket's name (Amazon S3 User Guide,
 * "Accessing buckets and S3 access points from S3 interface endpoints").
 */
export const bucketEndpoint = matching(
  /^bucket\.vpce-[0-9a-z-]+\.s3\.[a-z0-9-]+\.vpce\.amazonaws\.com(\.cn)?$/,
  'must be the name of an S3 interface endpoint for buckets, such as bucket.vpce-0abc-1def.s3.eu-central-1.vpce.amazonaws.com',
);

export const zoneId = matching(/^Z[A-Z0-9]{1,31}$/, 'must be the ID of a Route 53 hosted zone');

/** Pairs of options that require each other. */
const PAIRS = [
  ['apiDomain', 'apiCertificateArn'],
  ['downloadDomain', 'downloadCertificateArn'],
  ['hostedZoneId', 'hostedZoneName'],
] as const;

/** Pairs of options that exclude each other, with the reason. */
const EXCLUSIONS = [
  ['downloadHost', 'downloadDomain', 'downloads have one host'],
  ['s3Endpoint', 'downloadDomain', 'CloudFront cannot reach an interface endpoint'],
] as const;

/** Returns the host that replaces the bucket's host in download URLs, with its port if that is not 443. */
export function downloadHostOf({
  downloadHost,
  downloadDomain,
}: Pick<Config, 'downloadHost' | 'downloadDomain'>): string | undefined {
  return downloadHost ?? downloadDomain;
}

/** Returns what is wrong with the combination of host options. */
export function hostProblems(given: Readonly<Record<string, unknown>>): string[] {
  const has = (option: string) => given[option] !== undefined;
  const missing = PAIRS.flatMap(([one, other]) => {
    if (has(one) === has(other)) return [];
    const [absent, present] = has(one) ? [other, one] : [one, other];
    return [`${absent}: is required together with ${present}`];
  });
  const excluded = EXCLUSIONS.filter(([one, other]) => has(one) && has(other)).map(
    ([one, other, why]) => `${one}: cannot be combined with ${other}, because ${why}`,
  );
  return [...missing, ...excluded, ...sharedHost(given), ...uselessZone(given), ...privateHosts(given)];
}

/**
 * Refuses hosts that must differ but do not. Ports are ignored: to browsers, one host on different ports is the same
 * site.
 */
function sharedHost({
  apiDomain,
  proxyOrigin,
  downloadHost,
  downloadDomain,
}: Readonly<Record<string, unknown>>): string[] {
  const name = (host: unknown) =>
    String(host)
      .toLowerCase()
      .replace(/^https:\/\/|:\d+$/g, '');
  const isOf = (host: unknown, others: readonly unknown[]) =>
    host !== undefined && others.some((other) => name(other) === name(host));
  const downloads = [downloadHost, downloadDomain];
  return [
    ...(isOf(apiDomain, downloads) ? ['apiDomain: must differ from the download host'] : []),
    ...(isOf(proxyOrigin, downloads) ? ['proxyOrigin: must differ from the download host'] : []),
    ...(isOf(proxyOrigin, [apiDomain]) ? ['proxyOrigin: must differ from apiDomain'] : []),
  ];
}

function uselessZone({
  hostedZoneName,
  apiDomain,
  downloadDomain,
}: Readonly<Record<string, unknown>>): string[] {
  const zone = domain.safeParse(hostedZoneName).data;
  if (zone === undefined || [apiDomain, downloadDomain].some((name) => isInZone(zone, name))) return [];
  return ['hostedZoneName: must contain apiDomain or downloadDomain'];
}

export function isInZone(zone: string | undefined, name: unknown): boolean {
  return zone !== undefined && typeof name === 'string' && `.${name.toLowerCase()}`.endsWith(`.${zone}`);
}

/** Options that a private network cannot have, with the reason. */
const PUBLIC_NAMES = {
  apiDomain:
    'the name would be public. A private name must be associated with each VPC endpoint, which this stack does not support',
  downloadDomain: 'CloudFront cannot reach the bucket of a private network. Use downloadHost',
} as const;

/**
 * Refuses public names for a private network. A private name for an API is a different resource, with a policy and an
 * association for each VPC endpoint (API Gateway Developer Guide, "Custom domain names for private APIs").
 */
function privateHosts({ network, ...given }: Readonly<Record<string, unknown>>): string[] {
  if (network !== 'private') return [];
  return Object.entries(PUBLIC_NAMES)
    .filter(([option]) => given[option] !== undefined)
    .map(([option, why]) => `${option}: cannot be combined with network: private, because ${why}`);
}
