import type { BrandSettings } from '../lambda/environment/brand.ts';
import type { Config } from './config.ts';

/** The options that brand pages and e-mails. */
export type BrandOptions = Pick<
  Config,
  'brandName' | 'brandAccent' | 'brandLogo' | 'supportEmail' | 'imprintUrl'
>;

/** Returns the brand settings that are built into the functions' code. */
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
