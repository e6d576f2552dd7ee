import { z } from 'zod';
import { SHOWN_EVERYWHERE } from '../lambda/environment/option-rules.ts';
import { matching } from './option-types.ts';

/*
 * The options of a brand. The name and addresses appear on every page and in every e-mail. The accent is adjusted until
 * it is legible (lambda/views/accent.ts). The logo is embedded in every page, so its size is limited.
 */

const NAME_CHARACTERS = 60;
const LOGO_CHARACTERS = 4_000;
const URL_CHARACTERS = 300;

const nameError = `must be one line of 1 to ${NAME_CHARACTERS} visible characters`;

export const brandName = z
  .string({ error: nameError })
  .trim()
  .min(1, { error: nameError })
  .max(NAME_CHARACTERS, { error: nameError })
  .regex(SHOWN_EVERYWHERE, { error: nameError });

export const brandAccent = matching(/^#[0-9a-f]{6}$/i, 'must be a color such as #0a6650').toLowerCase();

/** Data URI (RFC 2397) without characters that need escaping in a page. Remote images are not allowed. */
const IMAGE_DATA_URI =
  /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)(?:;charset=utf-8)?(?:;base64)?,[A-Za-z0-9+/=%._~!$()*,;:@?-]+$/i;

const logoError = `must be a data URI of a PNG, SVG, WebP, AVIF, JPEG or GIF image, of at most ${LOGO_CHARACTERS} characters`;

export const brandLogo = z
  .string({ error: logoError })
  .max(LOGO_CHARACTERS, { error: logoError })
  .regex(IMAGE_DATA_URI, { error: logoError });

const imprintError = `must be an https URL of at most ${URL_CHARACTERS} characters`;

export const imprintUrl = z
  .url({ protocol: /^https$/, error: imprintError })
  .max(URL_CHARACTERS, { error: imprintError });
