import type { BrandSettings } from '../lambda/environment/brand.ts';
import type { Config } from './config.ts';

/** Selects the options for the brand of pages and mails. */
export type BrandOptions = Pick<
  Config,
  'brandName' | 'brandAccent' | 'brandLogo' | 'supportEmail' | 'imprintUrl'
>;

/** Returns what the functions are told about the brand. */
export function brandOf(options: BrandOptions): BrandSettings {
  const { brandName, brandAccent, brandLogo, supportEmail, imprintUrl } = options;
  return {
    ...(brandName && { name: brandName }),
    ...(brandAccent && { accent: brandAccent }),
    ...(brandLogo && { logo: brandLogo }),
    ...(supportEmail && { supportAddress: supportEmail }),
    ...(imprintUrl && { imprint: imprintUrl }),
  };
}
