/* Reads the contents of a page, well enough for our own markup. Tests in a real browser cover untrusted values. */

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Replaces character references with their characters. */
export function resolveReferences(text: string): string {
  return text.replace(
    /&(?:#(\d+)|(\w+));/g,
    (reference, code: string | undefined, name: string | undefined) =>
      code === undefined ? (NAMED[name ?? ''] ?? reference) : String.fromCodePoint(Number(code)),
  );
}

/** Returns the visible text of a page, without its title, tags, styles, and scripts, and with single spaces. */
export function textOf(page: string): string {
  const visible = page
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<title>[\s\S]*?<\/title>/g, '');
  return resolveReferences(visible.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

export type Attributes = Readonly<Record<string, string>>;

/** Returns the attributes of every tag with this name, in order. An attribute without a value is an empty string. */
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

/** A form, the fields that it sends, and the text of its button. */
export interface Form {
  readonly method: string | undefined;
  readonly action: string | undefined;
  readonly fields: readonly Attributes[];
  readonly button: string;
}

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

/** Returns the target and the text of every link on a page, in order. */
export function links(page: string): readonly { readonly href: string; readonly words: string }[] {
  return Array.from(
    page.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g),
    ([, href = '', words = '']) => ({
      href: resolveReferences(href),
      words: textOf(words),
    }),
  );
}
