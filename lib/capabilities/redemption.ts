import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { redeemEnvironment, streamEnvironment } from '../../lambda/environment/redemption.ts';
import type { Capability, DeploymentOf, FunctionTable, Parts } from '../capability.ts';
import { PERIOD } from '../constructs/metrics.ts';
import { WAITED_FOR } from '../function-size.ts';
import { fileSuppressions, headFiles, ISSUED_PREFIXES, readVersions } from '../permissions/files.ts';
import { queueMail } from '../permissions/queues.ts';
import { giveSecondChances } from '../permissions/second-chance.ts';
import { generateMac } from '../permissions/statements.ts';
import {
  count,
  countAttempts,
  endToken,
  LEDGER_ENTRY,
  REDEEMED_RECEIPT,
  readTokenAndReceipt,
  writeEncrypted,
} from '../permissions/tables.ts';
import type { Route } from '../route.ts';
import {
  endings,
  origins,
  presenceCodes,
  presigning,
  secondChances,
  signing,
  tables,
  trustedProxy,
} from '../variables.ts';

const REDEEMED = ['TokenRedeemed', 'FileReissued'];

/**
 * Properties of a function that streams files. Its timeout is slightly shorter than API Gateway's, so that slow
 * connections get as much time as possible.
 */
export const STREAMING = {
  ...WAITED_FOR,
  timeoutSeconds: 895,
  schema: streamEnvironment,
  milestones: { Links: REDEEMED, Streams: ['StreamDelivered', 'StreamAborted'] },
};

const functions = {
  redeem: { ...WAITED_FOR, schema: redeemEnvironment, milestones: { Links: REDEEMED } },
  stream: STREAMING,
} satisfies FunctionTable;

const THROTTLE = { rate: 100, burst: 400 };

/** Milliseconds after which a redemption counts as slow, cold starts included. */
const SLOW_MS = 5000;

/** Redeems tokens: redirects the holder of a link to the file, or sends the file itself. */
export const redemption: Capability<typeof functions> = {
  name: 'redemption',
  functions,
  routes: [
    { method: 'POST', path: '/redeem', function: 'redeem', auth: 'none', throttle: THROTTLE },
    { method: 'GET', path: '/download', function: 'redeem', auth: 'none', throttle: THROTTLE },
    ...streamRoutes('stream'),
  ],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { api, config, store } = parts;
    return {
      functions: {
        redeem: {
          environment: {
            ...redeeming(parts),
            ...presigning(parts),
            DOWNLOAD_SECONDS: String(config.downloadSeconds),
          },
          permissions: [
            ...endToken(store, REDEEMED_RECEIPT, [...LEDGER_ENTRY, 'redemptionId']),
            ...redeem(parts),
          ],
          suppressions: fileSuppressions(ISSUED_PREFIXES),
        },
        stream: streaming(parts),
      },
      alarms: [
        {
          id: 'SlowRedemptionAlarm',
          metric: new Metric({
            namespace: 'AWS/ApiGateway',
            metricName: 'Latency',
            dimensionsMap: {
              ApiName: config.stackName,
              Stage: api.rest.deploymentStage.stageName,
              Resource: '/redeem',
              Method: 'POST',
            },
            period: PERIOD,
            statistic: 'p99',
          }),
          threshold: SLOW_MS,
          periods: 3,
          meaning: 'For 15 minutes, one in a hundred redemptions has taken five seconds or more.',
          first:
            'Check on the dashboard whether the functions start often, and read traces of the redeem function.',
        },
      ],
      outputs: [
        {
          name: 'CloudShellRedeem',
          value: api.testInvoke('/redeem', 'file://token.json'),
          description:
            '3. Redeems the token in token.json, {"token":"tvm_..."}. Returns 302, and 403 from the second time on',
        },
      ],
    };
  },
};

/**
 * Returns the routes of a function that streams files: POST for the button and for programs, and GET for links with
 * `open: direct`, which are redeemed when they are opened.
 */
export function streamRoutes<Name extends 'stream' | 'watermark' | 'zip'>(
  name: Name,
): readonly Route<Name>[] {
  const streamed = { function: name, auth: 'none', throttle: THROTTLE, transfer: 'stream' } as const;
  return [
    { method: 'POST', path: `/redeem/${name}`, ...streamed },
    { method: 'GET', path: `/download/${name}`, ...streamed },
  ];
}

/** Returns the environment and permissions of a function that streams files. */
export function streaming(parts: Parts, { receipt = REDEEMED_RECEIPT, prefixes = ISSUED_PREFIXES } = {}) {
  const { config, store } = parts;
  return {
    environment: {
      ...redeeming(parts),
      QUOTA_TABLE: store.quota.tableName,
      STREAM_CONCURRENCY: String(config.streamConcurrency),
    },
    permissions: [
      ...endToken(store, receipt, [...LEDGER_ENTRY, 'redemptionId', 'bytes']),
      ...count(store, ['streams/*']),
      ...redeem(parts, prefixes),
    ],
    suppressions: fileSuppressions(prefixes),
  };
}

/** Returns the environment of every function that redeems. */
function redeeming(parts: Parts) {
  return {
    ...tables(parts),
    ...endings(parts),
    ...origins(parts),
    ...trustedProxy(parts),
    ...secondChances(parts),
    ...signing(parts),
    ...presenceCodes(parts),
    FILE_BUCKET: parts.files.bucket.bucketName,
    MAIL_QUEUE_URL: parts.mail.queue.queueUrl,
    DELIVERIES_OFF: deliveriesOff(parts).join(','),
  };
}

/** Returns the deliveries whose routes the options leave out. Links with them may still be live. */
function deliveriesOff({ config: { watermarks, collections } }: Parts): readonly string[] {
  return [...(watermarks === 'off' ? ['watermark'] : []), ...(collections === 'off' ? ['zip'] : [])];
}

/** Returns the permissions of every function that redeems, for files under these prefixes. */
function redeem(parts: Parts, prefixes = ISSUED_PREFIXES) {
  return [
    readTokenAndReceipt(parts.store),
    writeEncrypted(parts.keys),
    ...headFiles(parts, prefixes),
    readVersions(parts, prefixes),
    generateMac(parts.keys.signing),
    // A redemption queues the notice to the issuer.
    ...queueMail(parts),
    ...giveSecondChances(parts),
    ...(parts.config.presenceCode === 'on'
      ? [...countAttempts(parts.store), generateMac(parts.keys.pseudonym)]
      : []),
  ];
}
