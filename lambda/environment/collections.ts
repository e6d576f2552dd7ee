import * as z from 'zod/mini';
import { DOWNLOAD_SECONDS, readLinks } from './groups.ts';

export const collectionEnvironment = z.strictObject({ ...readLinks, DOWNLOAD_SECONDS });
