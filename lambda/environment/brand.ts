import * as z from 'zod/mini';
import { name, url } from './groups.ts';

const brandSettings = z.strictObject({
  name: z.optional(name),
  accent: z.optional(z.string().check(z.regex(/^#[0-9a-f]{6}$/))),
  logo: z.optional(z.string().check(z.startsWith('data:image/'))),
  supportAddress: z.optional(name),
  imprint: z.optional(url),
});

/** Branding of pages and e-mails. Contains only what the operator has set. */
export type BrandSettings = Readonly<z.output<typeof brandSettings>>;

/**
 * Parses the brand that the build has written into a bundle.
 *
 * @param json `undefined` outside a bundle, where there is no brand
 * @throws Error if the brand does not match the schema
 */
export function parseBrand(json: string | undefined): BrandSettings {
  return brandSettings.parse(JSON.parse(json ?? '{}'));
}
