import { type BrandSettings, parseBrand } from '../environment/brand.ts';

/**
 * Holds the brand of pages and mails. The stack writes it into the bundle in place of this variable
 * (lib/constructs/bundle.ts), because with a logo it would not fit into the 4 KB that Lambda allows for all variables.
 */
export const brand: BrandSettings = parseBrand(process.env.TVM_BRAND);
