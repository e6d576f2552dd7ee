declare const brand: unique symbol;

/** Markup in which all input is escaped. Only `html` can create it. */
export interface Html {
  readonly [brand]: 'Html';
}

/** Values in a template: text is escaped, markup is not, and `undefined` is omitted. */
export type HtmlValue = string | number | Html | readonly HtmlValue[] | undefined;

/** Maps each object that `html` created to its text. Objects from parsed input can therefore never pass as markup. */
const markup = new WeakMap<object, string>();

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Matches the text before an unquoted attribute value, which escaping cannot protect: `<a href=${…}>`. */
const UNQUOTED_ATTRIBUTE = /=\s*$/;

/**
 * Creates markup. Every value is escaped for both text and quoted attributes, unless it is markup itself.
 *
 * ```ts
 * html`<p title="${name}">${name}</p>`
 * ```
 *
 * @throws TypeError if a value is inserted into an unquoted attribute, or is not text, a number, or markup
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = '';
  for (const [index, piece] of strings.entries()) {
    text += piece;
    if (index === values.length) break;
    if (UNQUOTED_ATTRIBUTE.test(piece)) throw new TypeError('A value in an attribute must be quoted.');
    text += write(values[index]);
  }
  const made = Object.freeze({}) as Html;
  markup.set(made, text);
  return made;
}

/**
 * Returns markup as text.
 *
 * @throws TypeError for an object that `html` did not create
 */
export function render(value: Html): string {
  const text = markup.get(value);
  if (text === undefined) throw new TypeError('A template accepts only text, numbers, and markup.');
  return text;
}

function write(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return escapeText(String(value));
  return isList(value) ? value.map(write).join('') : render(value);
}

function isList(value: Html | readonly HtmlValue[]): value is readonly HtmlValue[] {
  return Array.isArray(value);
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
