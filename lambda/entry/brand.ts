import { type BrandSettings, parseBrand } from '../environment.ts';

/**
 * Whose pages and mails these are. The stack writes it into the bundle in place of this variable
 * (lib/constructs/bundle.ts): with a logo it would not fit into the 4 KB that Lambda has for all variables.
 */
export const brand: BrandSettings = parseBrand(process.env.TVM_BRAND);
