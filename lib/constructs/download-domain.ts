import { Aws, Duration, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { setLogicalId } from './logical-id.ts';
import { pointHost } from './point-host.ts';

/**
 * Errors that CloudFront caches by path for ten seconds even if caching is off. One bad signature would lock everyone
 * out of a file (Amazon CloudFront Developer Guide, "HTTP 4xx and 5xx status codes that CloudFront caches").
 */
const CACHED_ERRORS = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

/**
 * If the options name a host for downloads, creates the CloudFront distribution through which presigned URLs with that
 * host reach the bucket. The distribution has no permissions on the bucket and caches nothing: S3 checks signature, age,
 * and version of every request.
 *
 * CloudFront sends the bucket's name as `Host`. Of the viewer's headers, it sends only those that it always forwards,
 * such as `Range` (Amazon CloudFront Developer Guide, "Request and response behavior for Amazon S3 origins"). With
 * `CachingDisabled`, it never answers one request with the response to another ("Simultaneous requests for the same
 * object").
 */
export function addDownloadDomain(scope: Construct, bucket: Bucket, config: Config): void {
  const { downloadDomain: host, downloadCertificateArn } = config;
  if (host === undefined || downloadCertificateArn === undefined) return;
  const signedRequests = new OriginRequestPolicy(scope, 'DownloadRequests', {
    // The policy's name must be unique in the account across regions.
    originRequestPolicyName: `${config.stackName}-${Aws.REGION}`,
    comment: 'Forwards presigned URLs exactly as they were signed',
    queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    headerBehavior: OriginRequestHeaderBehavior.none(),
    cookieBehavior: OriginRequestCookieBehavior.none(),
  });
  setLogicalId(signedRequests, 'DownloadRequests');
  const distribution = new Distribution(scope, 'DownloadDistribution', {
    comment: `Downloads of ${config.stackName}`,
    domainNames: [host],
    certificate: Certificate.fromCertificateArn(scope, 'DownloadCertificate', downloadCertificateArn),
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2025,
    enableLogging: false,
    errorResponses: CACHED_ERRORS.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
    defaultBehavior: {
      origin: S3BucketOrigin.withBucketDefaults(bucket as IBucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: signedRequests,
      // Compression would change a file's length and checksum.
      compress: false,
    },
  });
  setLogicalId(distribution, 'DownloadDistribution');
  pointHost(scope, 'DownloadDomain', {
    config,
    host,
    target: new CloudFrontTarget(distribution),
    targetName: distribution.distributionDomainName,
  });
  acknowledge(distribution);
}

function acknowledge(distribution: Distribution): void {
  Validations.of(distribution).acknowledge(
    {
      id: 'AwsSolutions-CFR1',
      reason: 'Anyone who has a presigned URL may fetch the file from anywhere.',
    },
    {
      id: 'AwsSolutions-CFR2',
      reason: 'No code runs behind the distribution: S3 refuses every request without a signature.',
    },
    {
      id: 'AwsSolutions-CFR3',
      reason: 'The log would contain query strings, and therefore signatures. S3 logs the same requests.',
    },
    {
      id: 'AwsSolutions-CFR7',
      reason:
        'The distribution must have no permissions on the bucket, so that a request without a valid signature gets nothing.',
    },
  );
}
