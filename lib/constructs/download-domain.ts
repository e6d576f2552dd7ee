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
 * Lists the errors that CloudFront keeps for ten seconds, by path alone and even if it caches nothing else: one bad signature
 * would lock a file for everybody (Amazon CloudFront Developer Guide, "HTTP 4xx and 5xx status codes that CloudFront caches").
 */
const CACHED_ERRORS = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

/**
 * Creates the CloudFront distribution through which presigned URLs reach the bucket by another host name, if the options name
 * one. It has no right to the bucket and keeps nothing: S3 judges signature, age and version of every request.
 *
 * CloudFront sends the bucket's name as `Host`, and of the viewer's headers only those that it always sends, such as `Range`
 * (Amazon CloudFront Developer Guide, "Request and response behavior for Amazon S3 origins"). With `CachingDisabled`, it never
 * answers one request with the response to another ("Simultaneous requests for the same object").
 */
export function addDownloadDomain(scope: Construct, bucket: Bucket, config: Config): void {
  const { downloadDomain: host, downloadCertificateArn } = config;
  if (host === undefined || downloadCertificateArn === undefined) return;
  const signedRequests = new OriginRequestPolicy(scope, 'DownloadRequests', {
    // Its name is unique in the account, whatever the region.
    originRequestPolicyName: `${config.stackName}-${Aws.REGION}`,
    comment: 'Sends presigned URLs on as they were signed',
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
      // The length and checksum of a file are those of its bytes in S3.
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
      reason: 'Whoever has a presigned URL may fetch the file, wherever they are.',
    },
    {
      id: 'AwsSolutions-CFR2',
      reason: 'Nothing runs behind it: S3 refuses every request without a signature.',
    },
    {
      id: 'AwsSolutions-CFR3',
      reason: 'Its log would hold queries, and so signatures. S3 logs the same requests.',
    },
    {
      id: 'AwsSolutions-CFR7',
      reason:
        'It must have no right to the bucket, so that a request without a valid signature gets nothing.',
    },
  );
}
