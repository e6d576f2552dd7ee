import { createHash } from 'node:crypto';
import { type Brand, brandStyle } from './brand.ts';
import { type Html, render } from './html.ts';
import { script } from './script.ts';
import { style } from './style.ts';

const STYLE = hashOf(style);
const SCRIPT = hashOf(script);

/**
 * Returns the Content-Security-Policy of every page: nothing remote, no scripts except our own, no frames, and no form
 * targets except this host and, after a redirect, the bucket. Browsers also apply `form-action` to a redirect in
 * response to a form (CSP Level 3, section 6.4.1), so without the bucket's origin the button would do nothing.
 *
 * @param filesOrigin URL of the bucket; only its origin is used
 * @param brand brand whose style sheet is allowed in addition to our own
 * @param formsOrigin target of forms, if it is not the page's own host
 * @throws TypeError if `filesOrigin` is not an http(s) URL
 */
export function pageSecurityPolicy(filesOrigin: string, brand: Brand, formsOrigin?: string): string {
  const policy = policyWith(filesOrigin, brand, { styles: [], scripts: [], directives: [] });
  // Appending works because `form-action` is the last directive.
  return formsOrigin === undefined ? policy : `${policy} ${new URL(formsOrigin).origin}`;
}

/** Styles, scripts, and directives that some pages need in addition to the shared ones. */
interface Additions {
  readonly styles: readonly Html[];
  readonly scripts: readonly Html[];
  readonly directives: readonly string[];
}

/** Returns the policy of a page that needs additional styles, scripts, or directives. */
export function policyWith(
  filesOrigin: string,
  brand: Brand,
  { styles, scripts, directives }: Additions,
): string {
  const { origin, protocol } = new URL(filesOrigin);
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new TypeError('The origin of the files must be an http or https URL.');
  }
  const branded = brandStyle(brand);
  return [
    "default-src 'none'",
    ['style-src', STYLE, ...(branded === undefined ? [] : [hashOf(branded)]), ...styles.map(hashOf)].join(
      ' ',
    ),
    ['script-src', SCRIPT, ...scripts.map(hashOf)].join(' '),
    ...directives,
    'img-src data:',
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action 'self' ${origin}`,
  ].join('; ');
}

function hashOf(text: Html): string {
  return `'sha256-${createHash('sha256').update(render(text)).digest('base64')}'`;
}
