import { collectionEnvironment } from '../../lambda/environment/collections.ts';
import { streamEnvironment } from '../../lambda/environment/redemption.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { OFFERED_PREFIXES } from '../constructs/file-store.ts';
import { WAITED_FOR } from '../function-size.ts';
import { fileSuppressions } from '../rights/files.ts';
import { lookAtSecondChances } from '../rights/second-chance.ts';
import { generateMac } from '../rights/statements.ts';
import {
  count,
  endToken,
  LEDGER_ENTRY,
  REDEEMED_RECEIPT,
  readEncrypted,
  readTokenAndReceipt,
} from '../rights/tables.ts';
import { type Route, USUAL_THROTTLE } from '../route.ts';
import { origins, receipts, secondChances, signing, trustedProxy } from '../variables.ts';
import { redeem, redeeming, STREAM_SECONDS, THROTTLE } from './redemption.ts';

const functions = {
  // At most a key and four reads.
  collection: { ...WAITED_FOR, timeoutSeconds: 20, schema: collectionEnvironment },
  zip: { ...WAITED_FOR, timeoutSeconds: STREAM_SECONDS, schema: streamEnvironment },
} satisfies FunctionTable;

const streamed = (method: Route['method'], path: Route['path']): Route<'zip'> => ({
  method,
  path,
  function: 'zip',
  auth: 'none',
  throttle: THROTTLE,
  transfer: 'stream',
});

/** Shows the files of a link that leads to several, each with a button, and sends several files as one zip. */
export const collections: Capability<typeof functions> = {
  name: 'collections',
  when: (config) => config.collections === 'on',
  functions,
  routes: [
    { method: 'GET', path: '/collection', function: 'collection', auth: 'none', throttle: USUAL_THROTTLE },
    { method: 'HEAD', path: '/collection', function: 'collection', auth: 'none', throttle: USUAL_THROTTLE },
    streamed('POST', '/redeem/zip'),
    streamed('GET', '/download/zip'),
  ],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { config, store, keys } = parts;
    return {
      functions: {
        collection: {
          environment: {
            ...origins(parts),
            ...trustedProxy(parts),
            ...secondChances(parts),
            ...receipts(parts),
            ...signing(parts),
            TOKEN_TABLE: store.tokens.tableName,
            DOWNLOAD_SECONDS: String(config.downloadSeconds),
          },
          rights: [
            readTokenAndReceipt(store),
            readEncrypted(keys),
            generateMac(keys.signing),
            ...lookAtSecondChances(parts),
          ],
        },
        zip: {
          environment: {
            ...redeeming(parts),
            QUOTA_TABLE: store.quota.tableName,
            STREAM_CONCURRENCY: String(config.streamConcurrency),
          },
          rights: [
            ...endToken(store, REDEEMED_RECEIPT, [...LEDGER_ENTRY, 'redemptionId', 'bytes']),
            ...count(store, ['streams/*']),
            // No zip contains an upload.
            ...redeem(parts, OFFERED_PREFIXES),
          ],
          suppressions: fileSuppressions(OFFERED_PREFIXES),
        },
      },
    };
  },
};
