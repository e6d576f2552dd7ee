import { collectionEnvironment } from '../environment/collections.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createCollectionHandler } from '../handlers/collection.ts';
import { readLinks } from './read-links.ts';
import { documentClient } from './systems.ts';

const environment = parseEnvironment(collectionEnvironment, process.env);

export const handler = createCollectionHandler({
  ...(await readLinks(documentClient(), environment)),
  downloadSeconds: environment.DOWNLOAD_SECONDS,
});
