import { collectionEnvironment } from '../../lambda/environment/collections.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { WAITED_FOR } from '../function-size.ts';
import { generateMac } from '../rights/statements.ts';
import { readEncrypted, readTokenAndReceipt } from '../rights/tables.ts';
import { USUAL_THROTTLE } from '../route.ts';
import { origins, receipts, signing, trustedProxy } from '../variables.ts';

const functions = {
  // At most a key and four reads.
  collection: { ...WAITED_FOR, timeoutSeconds: 20, schema: collectionEnvironment },
} satisfies FunctionTable;

/** Shows the files of a link that leads to several, each with a button. It changes nothing, however often it is called. */
export const collections: Capability<typeof functions> = {
  name: 'collections',
  when: (config) => config.collections === 'on',
  functions,
  routes: [
    { method: 'GET', path: '/collection', function: 'collection', auth: 'none', throttle: USUAL_THROTTLE },
    { method: 'HEAD', path: '/collection', function: 'collection', auth: 'none', throttle: USUAL_THROTTLE },
  ],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { config, store, keys } = parts;
    return {
      functions: {
        collection: {
          environment: {
            ...origins(parts),
            ...trustedProxy(parts),
            ...receipts(parts),
            ...signing(parts),
            TOKEN_TABLE: store.tokens.tableName,
            DOWNLOAD_SECONDS: String(config.downloadSeconds),
          },
          rights: [readTokenAndReceipt(store), readEncrypted(keys), generateMac(keys.signing)],
        },
      },
    };
  },
};
