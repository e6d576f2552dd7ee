import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../lib/read-config.ts';
import { problemsOf } from './config-problems.ts';

const certificateIn = (region: string) =>
  `arn:aws:acm:${region}:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-0123456789ab`;

const API = { apiDomain: 'files.example.org', apiCertificateArn: certificateIn('eu-central-1') };
const DOWNLOADS = {
  downloadDomain: 'downloads.example.org',
  downloadCertificateArn: certificateIn('us-east-1'),
};
const ZONE = { hostedZoneId: 'Z0123456789ABC', hostedZoneName: 'example.org' };
const ENDPOINT = 'bucket.vpce-0abc123-1def456.s3.eu-central-1.vpce.amazonaws.com';

describe('the options for host names', () => {
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

  test('reject certificates outside us-east-1 for CloudFront', () => {
    expect(problemsOf({ ...DOWNLOADS, downloadCertificateArn: certificateIn('eu-central-1') })).toEqual([
      'downloadCertificateArn: must be the ARN of an ACM certificate in us-east-1',
    ]);
  });

  test.each(['files', 'arn:aws:iam::111122223333:server-certificate/files', ''])(
    'reject %p as the certificate of the API',
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
      'downloadHost: must be a host name of at most 100 characters, such as downloads.example.org, optionally with a port',
    ]);
  });

  test.each([
    `https://${ENDPOINT}`,
    ENDPOINT.replace('bucket.', '*.'),
    ENDPOINT.replace('bucket.', ''),
    's3.eu-central-1.amazonaws.com',
    'bucket.vpce-0abc.s3.example.org',
  ])('reject the S3 endpoint %p, because bucket URLs cannot be signed for it', (s3Endpoint) => {
    expect(problemsOf({ s3Endpoint })).toEqual([
      expect.stringMatching(/^s3Endpoint: must be the name of an S3 interface endpoint for buckets/),
    ]);
  });

  test('reject two download hosts', () => {
    expect(problemsOf({ ...DOWNLOADS, downloadHost: 'other.example.org' })).toEqual([
      'downloadHost: cannot be combined with downloadDomain, because downloads have one host',
    ]);
  });

  test('reject CloudFront in front of an interface endpoint', () => {
    expect(problemsOf({ ...DOWNLOADS, s3Endpoint: ENDPOINT })).toEqual([
      's3Endpoint: cannot be combined with downloadDomain, because CloudFront cannot reach an interface endpoint',
    ]);
  });

  test('reject a reverse proxy on the download host or the API host', () => {
    const proxy = { proxyOrigin: 'https://files.example.org', proxySecretSha256: 'a1'.repeat(32) };
    expect(problemsOf({ ...proxy, downloadHost: 'files.example.org:8443' })).toEqual([
      'proxyOrigin: must differ from the download host',
    ]);
    expect(problemsOf({ ...API, ...proxy })).toEqual(['proxyOrigin: must differ from apiDomain']);
  });

  test.each(['files.example.org', 'Files.Example.ORG', 'files.example.org:443'])(
    'reject %s as the download host if the API has the same name',
    (downloadHost) => {
      expect(problemsOf({ ...API, downloadHost })).toEqual(['apiDomain: must differ from the download host']);
    },
  );

  test('reject a zone that contains none of the host names', () => {
    const problem = ['hostedZoneName: must contain apiDomain or downloadDomain'];
    expect(problemsOf({ ...API, ...ZONE, hostedZoneName: 'example.com' })).toEqual(problem);
    expect(problemsOf({ ...API, ...ZONE, hostedZoneName: 'les.example.org' })).toEqual(problem);
    expect(problemsOf(ZONE)).toEqual(problem);
  });

  test('reject public host names for a private network', () => {
    const problems = problemsOf({ network: 'private', ...API, ...DOWNLOADS });
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^apiDomain: cannot be combined with network: private, because/),
        expect.stringMatching(/^downloadDomain: cannot be combined with network: private, because/),
      ]),
    );
  });
});
