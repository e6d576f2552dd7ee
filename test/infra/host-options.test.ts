import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../lib/read-config.ts';

function problemsOf(options: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    readConfig(options);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const certificateIn = (region: string) =>
  `arn:aws:acm:${region}:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-0123456789ab`;

const API = { apiDomain: 'files.example.org', apiCertificateArn: certificateIn('eu-central-1') };
const DOWNLOADS = {
  downloadDomain: 'downloads.example.org',
  downloadCertificateArn: certificateIn('us-east-1'),
};
const ZONE = { hostedZoneId: 'Z0123456789ABC', hostedZoneName: 'example.org' };
const ENDPOINT = 'bucket.vpce-0abc123-1def456.s3.eu-central-1.vpce.amazonaws.com';

describe('the options of host names', () => {
  test('are accepted together', () => {
    expect(readConfig({ ...API, ...DOWNLOADS, ...ZONE })).toMatchObject({ ...API, ...DOWNLOADS, ...ZONE });
    const inside = { ...API, downloadHost: 'downloads.example.org:8443', s3Endpoint: ENDPOINT };
    expect(readConfig(inside)).toMatchObject(inside);
  });

  test.each([
    ['apiCertificateArn', API],
    ['apiDomain', API],
    ['downloadCertificateArn', DOWNLOADS],
    ['downloadDomain', DOWNLOADS],
    ['hostedZoneId', { ...API, ...ZONE }],
    ['hostedZoneName', { ...API, ...ZONE }],
  ] as const)('are rejected without %s', (left, options) => {
    const { [left]: _, ...others } = options as Readonly<Record<string, unknown>>;
    expect(problemsOf(others)).toEqual([
      expect.stringMatching(new RegExp(`^${left}: is required together with \\w+$`)),
    ]);
  });

  test('take no certificate of another region for CloudFront', () => {
    expect(problemsOf({ ...DOWNLOADS, downloadCertificateArn: certificateIn('eu-central-1') })).toEqual([
      'downloadCertificateArn: must be the ARN of an ACM certificate in us-east-1',
    ]);
  });

  test.each(['files', 'arn:aws:iam::111122223333:server-certificate/files', ''])(
    'reject %p as a certificate of the API',
    (apiCertificateArn) => {
      expect(problemsOf({ ...API, apiCertificateArn })).toEqual([
        'apiCertificateArn: must be the ARN of an ACM certificate in the region of the stack',
      ]);
    },
  );

  test.each([
    'https://downloads.example.org',
    'downloads',
    'downloads.example.org/files',
    'downloads.example.org:',
    'downloads.example.org:0',
    'downloads.example.org:65536',
    'downloads.example.org:443:443',
    'ann@downloads.example.org',
    '*.example.org',
  ])('reject the download host %p', (downloadHost) => {
    expect(problemsOf({ downloadHost })).toEqual([
      'downloadHost: must be a host name such as downloads.example.org, and may have a port',
    ]);
  });

  test.each([
    `https://${ENDPOINT}`,
    ENDPOINT.replace('bucket.', '*.'),
    ENDPOINT.replace('bucket.', ''),
    's3.eu-central-1.amazonaws.com',
    'bucket.vpce-0abc.s3.example.org',
  ])('reject the endpoint %p, for which URLs of a bucket cannot be signed', (s3Endpoint) => {
    expect(problemsOf({ s3Endpoint })).toEqual([
      expect.stringMatching(/^s3Endpoint: must be the name of an S3 interface endpoint for buckets/),
    ]);
  });

  test('give downloads one host', () => {
    expect(problemsOf({ ...DOWNLOADS, downloadHost: 'other.example.org' })).toEqual([
      'downloadHost: cannot be combined with downloadDomain, because downloads have one host',
    ]);
  });

  test('do not put CloudFront in front of an interface endpoint', () => {
    expect(problemsOf({ ...DOWNLOADS, s3Endpoint: ENDPOINT })).toEqual([
      's3Endpoint: cannot be combined with downloadDomain, because CloudFront cannot reach an interface endpoint',
    ]);
  });

  test('give the reverse proxy another host than downloads and the API', () => {
    const proxy = { proxyOrigin: 'https://files.example.org', proxySecretSha256: 'a1'.repeat(32) };
    expect(problemsOf({ ...proxy, downloadHost: 'files.example.org:8443' })).toEqual([
      'proxyOrigin: must be another host than that of downloads',
    ]);
    expect(problemsOf({ ...API, ...proxy })).toEqual(['proxyOrigin: must be another host than apiDomain']);
  });

  test.each(['files.example.org', 'Files.Example.ORG', 'files.example.org:443'])(
    'give the API another host than downloads, which have %s',
    (downloadHost) => {
      expect(problemsOf({ ...API, downloadHost })).toEqual([
        'apiDomain: must be another host than that of downloads',
      ]);
    },
  );

  test('reject a zone that has no use', () => {
    const problem = ['hostedZoneName: must contain apiDomain or downloadDomain'];
    expect(problemsOf({ ...API, ...ZONE, hostedZoneName: 'example.com' })).toEqual(problem);
    expect(problemsOf({ ...API, ...ZONE, hostedZoneName: 'les.example.org' })).toEqual(problem);
    expect(problemsOf(ZONE)).toEqual(problem);
  });

  test('reject names that would be outside a private network', () => {
    const problems = problemsOf({ network: 'private', ...API, ...DOWNLOADS });
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^apiDomain: cannot be combined with network: private, because/),
        expect.stringMatching(/^downloadDomain: cannot be combined with network: private, because/),
      ]),
    );
  });
});
