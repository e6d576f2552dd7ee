import * as z from 'zod/mini';
import { endings, optionalUploadLinks, pseudonyms, tables } from './groups.ts';

export const bouncesEnvironment = z.strictObject({
  ...tables,
  ...endings,
  ...pseudonyms,
  ...optionalUploadLinks,
});
