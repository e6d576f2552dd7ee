import type { BrandSettings } from '../lambda/environment.ts';
import type { Config } from './config.ts';

/** The options that say whose pages and mails these are. */
export type BrandOptions = Pick<
  Config,
  'brandName' | 'brandAccent' | 'brandLogo' | 'supportEmail' | 'imprintUrl'
>;

/** What the functions are told of the brand. */
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
