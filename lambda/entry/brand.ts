import { type BrandSettings, parseBrand } from '../environment/brand.ts';

/**
 * Brand of pages and mails. The build replaces this variable with its value (lib/constructs/bundle.ts), because a logo would not
 * fit into the 4 KB that Lambda allows for all environment variables.
 */
export const brand: BrandSettings = parseBrand(process.env.TVM_BRAND);
