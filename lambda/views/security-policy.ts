import { createHash } from 'node:crypto';
import { type Brand, brandStyle } from './brand.ts';
import { type Html, render } from './html.ts';
import { script } from './script.ts';
import { style } from './style.ts';

const STYLE = hashOf(style);
const SCRIPT = hashOf(script);

/**
 * Returns the Content-Security-Policy of every page: nothing remote, no script except the page's own, no frame, and
 * forms that go nowhere but here and, by redirect, to the bucket. Browsers apply `form-action` to the redirect that
 * answers a form (CSP Level 3, 6.4.1), so without the bucket's origin the button would be dead.
 *
 * @param filesOrigin a URL of the bucket; only its origin counts
 * @param brand whose style sheet is allowed besides our own
 * @param formsOrigin where forms are sent, if that is another host than the page's own
 * @throws TypeError if it is not an http(s) URL
 */
export function pageSecurityPolicy(filesOrigin: string, brand: Brand, formsOrigin?: string): string {
  const policy = policyWith(filesOrigin, brand, { styles: [], scripts: [], directives: [] });
  // The last directive is that of forms.
  return formsOrigin === undefined ? policy : `${policy} ${new URL(formsOrigin).origin}`;
}

/** Holds what some pages have in addition. */
interface Additions {
  readonly styles: readonly Html[];
  readonly scripts: readonly Html[];
  readonly directives: readonly string[];
}

/** Returns the policy of pages that have more than every page has. */
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
