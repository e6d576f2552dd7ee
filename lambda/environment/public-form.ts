import * as z from 'zod/mini';
import { list, requesting } from './groups.ts';

export const mintEnvironment = z.strictObject({
  ...requesting,
  /** Domains exempt from the disposable-address blocklist, comma-separated. */
  ALLOWED_DOMAINS: list,
  /** Origins whose pages may call `POST /token`, by form or by script, comma-separated. */
  ALLOWED_ORIGINS: list,
});
