import { z } from 'zod';

/* Types of option values. Values from `-c` are always strings. */

/** Creates a type for text that matches a pattern. */
export const matching = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });

/** Creates a type for values that are one of these names. */
export const choice = <const Names extends readonly string[]>(...names: Names) =>
  z.enum(names, { error: `must be ${new Intl.ListFormat('en', { type: 'disjunction' }).format(names)}` });

export const flag = z.preprocess(
  (given) => (given === 'true' ? true : given === 'false' ? false : given),
  z.boolean({ error: 'must be true or false' }),
);

export const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(
    (given) => (typeof given === 'string' && /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : given),
    z.int({ error }).min(min, { error }).max(max, { error }),
  );
};

/** Maximum length of a list in characters. Three lists and about 1,800 other bytes share Lambda's 4 KB of environment. */
const LIST_CHARACTERS = 700;

/** @param characters maximum length, which may be longer for a list that no function gets */
export const list = <Item extends z.ZodType<string, string>>(item: Item, characters = LIST_CHARACTERS) =>
  z.preprocess(
    (given) =>
      typeof given === 'string'
        ? given
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : given,
    z
      .array(item, { error: 'must be an array, or a comma-separated string' })
      .refine((items) => items.join(',').length <= characters, {
        error: `must not be longer than ${characters} characters in total`,
      }),
  );

/**
 * DNS name of at least two labels (RFC 1123, section 2.1), in its ASCII form. It may have up to 253 characters, but two
 * that long would not fit into Lambda's 4 KB of environment with full lists.
 */
const DOMAIN = /^(?=.{4,100}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

export const domain = matching(
  DOMAIN,
  'must be a domain of at most 100 characters, such as example.org',
).toLowerCase();

export const address = z.email({ error: 'must be an e-mail address such as files@example.org' }).max(254);
export const addressOrDomain = z.union([address, domain], {
  error: 'must contain only e-mail addresses and domains',
});

/** The serialized origin of a site (HTML standard, section 7.1.1): no path, no default port, no wildcard. */
export const origin = z
  .string({ error: 'must be an origin such as https://www.example.org' })
  .refine(isSiteOrigin, { error: 'must be an origin such as https://www.example.org, without a path' });

/** Returns whether the text is the origin of a site. Plain HTTP is only accepted for a developer's own computer. */
function isSiteOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin: serialized, protocol, hostname } = new URL(text);
  if (serialized !== text) return false;
  const local = hostname === 'localhost' || hostname === '127.0.0.1';
  return protocol === 'https:' ? DOMAIN.test(hostname) : protocol === 'http:' && local;
}

/** Media type without parameters, in lower case (RFC 6838, section 4.2). */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

export const mediaType = z
  .string({ error: 'must be a media type such as application/pdf' })
  .toLowerCase()
  .regex(MEDIA_TYPE, { error: 'must be a media type such as application/pdf' });

const issuerError = 'must be an https URL without query and fragment, of at most 300 characters';

/**
 * The issuer of an identity provider (OpenID Connect Core 1.0, section 2, "iss"). Plain HTTP is only accepted for a
 * developer's own computer.
 */
export const issuer = z
  .url({ protocol: /^https?$/, error: issuerError })
  .max(300, { error: issuerError })
  .regex(/^(https:|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$))[^?#]*$/, { error: issuerError });

export const shortText = matching(/^[!-~]{1,200}$/, 'must be 1 to 200 visible ASCII characters');
