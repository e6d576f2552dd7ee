import { collectionEnvironment } from '../../lambda/environment/collections.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { OFFERED_PREFIXES } from '../constructs/file-store.ts';
import { WAITED_FOR } from '../function-size.ts';
import { open } from '../route.ts';
import { showingLinks } from './pages.ts';
import { STREAMING, streaming, streamRoutes } from './redemption.ts';

const functions = {
  // A request takes at most one key derivation and four reads.
  collection: { ...WAITED_FOR, timeoutSeconds: 20, schema: collectionEnvironment },
  zip: STREAMING,
} satisfies FunctionTable;

/** Shows the files of a collection, each with a button, and sends several of them as one zip. */
export const collections: Capability<typeof functions> = {
  name: 'collections',
  when: (config) => config.collections === 'on',
  functions,
  routes: [
    open('GET', '/collection', 'collection'),
    open('HEAD', '/collection', 'collection'),
    ...streamRoutes('zip'),
  ],
  deploy: (parts): DeploymentOf<typeof functions> => ({
    functions: {
      collection: showingLinks(parts),
      // A zip contains only offered files, so the function needs no access to uploads.
      zip: streaming(parts, { prefixes: OFFERED_PREFIXES }),
    },
  }),
};
