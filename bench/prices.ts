/*
 * List prices of us-east-1 in US dollars, without free tiers, as of 2026-11-28. Each entry names its source. If the
 * first page needs JavaScript to show its prices, a second page states them as text.
 */

const MILLION = 1_000_000;
const GIGABYTE = 1_000_000_000;

/** Dollars per unit. */
export const PRICES = {
  /** https://aws.amazon.com/api-gateway/pricing/ (REST), https://appropri8-astro.pages.dev/tutorials/2025/12/02/deploying-simple-api-aws/page/7 */
  apiRequest: 3.5 / MILLION,
  /** https://aws.amazon.com/lambda/pricing/ */
  invocation: 0.2 / MILLION,
  /** A gigabyte-second: https://aws.amazon.com/lambda/pricing/, https://git.mcrn.ar/mariano/lambda_local_runner (lambda-13-cost.md) */
  armGigabyteSecond: 0.0000133334,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/, https://airbyte.com/data-engineering-resources/dynamodb-pricing */
  writeUnit: 0.625 / MILLION,
  readUnit: 0.125 / MILLION,
  /** https://aws.amazon.com/kms/pricing/, https://www.wring.co/blog/aws-kms-pricing-guide */
  kmsRequest: 0.03 / 10_000,
  kmsKeyMonth: 1,
  /** A standard queue: https://aws.amazon.com/sqs/pricing/, https://adhdecode-articles-4.pages.dev/articles/sqs/sqs-cost-per-million-messages-pricing */
  sqsRequest: 0.4 / MILLION,
  /** https://aws.amazon.com/ses/pricing/, https://www.acecloudinterviews.com/tutorials/aws/ses/ */
  mail: 0.1 / 1000,
  /** GET and HEAD: https://aws.amazon.com/s3/pricing/, https://devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples */
  s3Read: 0.0004 / 1000,
  /** To the internet, the first 10 TB. Same sources as above. */
  transferByte: 0.09 / GIGABYTE,
  /** https://aws.amazon.com/cloudwatch/pricing/, https://signoz.io/guides/cloudwatch-pricing */
  logByte: 0.5 / GIGABYTE,
  alarmMetricMonth: 0.1,
  dashboardMonth: 3,
  /** https://aws.amazon.com/privatelink/pricing/, https://cloudcostkit.com/calculators/aws-vpc-interface-endpoint-cost-calculator */
  endpointZoneHour: 0.01,
  endpointByte: 0.01 / GIGABYTE,
  /** North America and Europe, the first 10 TB: https://aws.amazon.com/cloudfront/pricing/ */
  cloudFrontByte: 0.085 / GIGABYTE,
  /** https://aws.amazon.com/xray/pricing/, https://awsnegotiations.com/x-ray-pricing-strategy.html */
  trace: 5 / MILLION,
} as const;

/**
 * Lambda polls a queue with five connections that wait up to 20 s each (AWS Lambda Developer Guide, "Using Lambda with
 * Amazon SQS").
 */
export const POLLS_PER_QUEUE_MONTH = (5 * 30 * 86_400) / 20;

/** X-Ray records the first request each second and 5% of the others (AWS X-Ray Developer Guide, "Sampling rules"). */
export const TRACED_SHARE = 0.05;
