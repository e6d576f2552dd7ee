import { type BrandSettings, parseBrand } from '../environment/brand.ts';
import type { origins, trustedProxy, Values } from '../environment/groups.ts';
import type { Site } from '../http/page.ts';

/**
 * Branding of pages and e-mails. The build inlines the environment variable `TVM_BRAND` (lib/constructs/bundle.ts)
 * because a logo would not fit into the 4 KB that Lambda allows for all environment variables.
 */
export const brand: BrandSettings = parseBrand(process.env.TVM_BRAND);

/** Returns the pages' origins and branding, and the hash of the trusted proxy's secret. */
export function siteOf(environment: Values<typeof origins & typeof trustedProxy>): Site {
  return {
    publicOrigin: environment.PUBLIC_ORIGIN,
    filesOrigin: environment.DOWNLOAD_ORIGIN ?? environment.FILES_ORIGIN,
    proxySecretSha256: environment.PROXY_SECRET_SHA256,
    brand,
  };
}
