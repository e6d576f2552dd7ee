/*
 * Reads back what a page says. Enough for markup that we wrote ourselves; the test with a real browser reads what
 * came from outside.
 */

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Text with its character references resolved. */
export function resolveReferences(text: string): string {
  return text.replace(
    /&(?:#(\d+)|(\w+));/g,
    (reference, code: string | undefined, name: string | undefined) =>
      code === undefined ? (NAMED[name ?? ''] ?? reference) : String.fromCodePoint(Number(code)),
  );
}

/** What a page says to who reads it: no tags, no style or script, spaces folded. */
export function textOf(page: string): string {
  const visible = page
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<title>[\s\S]*?<\/title>/g, '');
  return resolveReferences(visible.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

/** The attributes of one tag. */
export type Attributes = Readonly<Record<string, string>>;

/** The attributes of every tag of this name, in order; an attribute without a value is an empty text. */
export function tags(page: string, name: string): readonly Attributes[] {
  return Array.from(page.matchAll(new RegExp(`<${name}((?:\\s[^>]*)?)>`, 'g')), ([, attributes = '']) =>
    Object.fromEntries(
      Array.from(attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g), ([, key = '', value = '']) => [
        key,
        resolveReferences(value),
      ]),
    ),
  );
}

/** A form with what it would send when its button is pressed. */
export interface Form {
  readonly method: string | undefined;
  readonly action: string | undefined;
  readonly fields: readonly Attributes[];
  readonly button: string;
}

/** Every form of a page. */
export function forms(page: string): readonly Form[] {
  return Array.from(page.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g), ([form]) => {
    const [attributes] = tags(form, 'form');
    const button = /<button[^>]*>([\s\S]*?)<\/button>/.exec(form)?.[1] ?? '';
    return {
      method: attributes?.method,
      action: attributes?.action,
      fields: tags(form, 'input'),
      button: textOf(button),
    };
  });
}

/** Where a page's links lead, in order, by their words. */
export function links(page: string): readonly { readonly href: string; readonly words: string }[] {
  return Array.from(
    page.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g),
    ([, href = '', words = '']) => ({
      href: resolveReferences(href),
      words: textOf(words),
    }),
  );
}
