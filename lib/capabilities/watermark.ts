import { streamEnvironment } from '../../lambda/environment/redemption.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { fileSuppressions, issuedPrefixes } from '../rights/files.ts';
import { count, endToken, LEDGER_ENTRY, REDEEMED_RECEIPT } from '../rights/tables.ts';
import type { Route } from '../route.ts';
import { redeem, redeeming, STREAM_SECONDS, THROTTLE } from './redemption.ts';

/** Holds the memory of functions that stamp: for the sandbox (lambda/entry/stampers.ts), the file, and its copy. */
export const STAMP_MEMORY_MB = 2048;

const functions = {
  watermark: { memoryMb: STAMP_MEMORY_MB, timeoutSeconds: STREAM_SECONDS, schema: streamEnvironment },
} satisfies FunctionTable;

/** Lists what stands beside the bundle of a function that stamps, under lambda/. */
export const STAMPER = [
  'entry/stamper.ts',
  'fonts/latin-greek-cyrillic.ttf',
  'fonts/chinese-japanese.ttf',
  'fonts/korean.ttf',
] as const;

const streamed = (method: Route['method'], path: Route['path']): Route<'watermark'> => ({
  method,
  path,
  function: 'watermark',
  auth: 'none',
  throttle: THROTTLE,
  transfer: 'stream',
});

/** Spends tokens for copies of PDFs that say on each page whose they are. */
export const watermark: Capability<typeof functions> = {
  name: 'watermark',
  when: ({ watermarks }) => watermarks === 'on',
  functions,
  routes: [streamed('POST', '/redeem/watermark'), streamed('GET', '/download/watermark')],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { config, store } = parts;
    const receipt = [...REDEEMED_RECEIPT, 'originalSha256', 'stampedSha256'];
    return {
      functions: {
        watermark: {
          environment: {
            ...redeeming(parts),
            QUOTA_TABLE: store.quota.tableName,
            STREAM_CONCURRENCY: String(config.streamConcurrency),
          },
          rights: [
            ...endToken(store, receipt, [...LEDGER_ENTRY, 'redemptionId', 'bytes']),
            ...count(store, ['streams/*']),
            ...redeem(parts),
          ],
          suppressions: fileSuppressions(issuedPrefixes(parts)),
          beside: STAMPER,
        },
      },
    };
  },
};
