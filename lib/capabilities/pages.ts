import { pagesEnvironment } from '../../lambda/environment/pages.ts';
import type { Capability, DeploymentOf, FunctionTable, Parts } from '../capability.ts';
import { WAITED_FOR } from '../function-size.ts';
import { lookAtSecondChances } from '../permissions/second-chance.ts';
import { generateMac } from '../permissions/statements.ts';
import { readEncrypted, readTokenAndReceipt } from '../permissions/tables.ts';
import { open } from '../route.ts';
import {
  formLimits,
  origins,
  proofPolicy,
  receipts,
  secondChances,
  signing,
  trustedProxy,
} from '../variables.ts';

const functions = {
  // A request takes at most one key derivation and two reads.
  pages: { ...WAITED_FOR, timeoutSeconds: 12, schema: pagesEnvironment },
} satisfies FunctionTable;

/** Shows the form and the page of a link. It is read-only. */
export const pages: Capability<typeof functions> = {
  name: 'pages',
  functions,
  routes: [open('GET', '/', 'pages'), open('GET', '/redeem', 'pages'), open('HEAD', '/redeem', 'pages')],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const shown = showingLinks(parts);
    return {
      functions: {
        pages: {
          ...shown,
          environment: { ...shown.environment, ...formLimits(parts), ...proofPolicy(parts) },
        },
      },
    };
  },
};

/** Returns the environment and permissions of a function that shows links. */
export function showingLinks(parts: Parts) {
  const { config, store, keys } = parts;
  return {
    environment: {
      ...origins(parts),
      ...trustedProxy(parts),
      ...secondChances(parts),
      ...receipts(parts),
      ...signing(parts),
      TOKEN_TABLE: store.tokens.tableName,
      DOWNLOAD_SECONDS: String(config.downloadSeconds),
    },
    permissions: [
      readTokenAndReceipt(store),
      readEncrypted(keys),
      generateMac(keys.signing),
      ...lookAtSecondChances(parts),
    ],
  };
}
