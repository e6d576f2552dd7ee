/** A piece of finished XML; strings are text and always escaped. */
export interface Xml {
  readonly xml: string;
}

/** What an element holds: text, or other elements; an undefined one is left out. */
export type XmlContent = string | number | boolean | readonly (Xml | undefined)[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A key may hold control characters; S3 writes them as references. */
const SPECIAL = /[&<>"]|\p{Cc}/gu;

/** One element, without attributes: S3 needs none but the namespace of the root. */
export const element = (name: string, content: XmlContent): Xml => ({
  xml: `<${name}>${inner(content)}</${name}>`,
});

/** A whole document in the namespace of S3. */
export const document = (name: string, content: XmlContent): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner(content)}</${name}>`;

/** An error document, which has no namespace. */
export const errorDocument = (content: XmlContent): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', content).xml}`;

const inner = (content: XmlContent): string =>
  typeof content === 'object'
    ? content.map((child) => child?.xml ?? '').join('')
    : String(content).replace(SPECIAL, (c) => ESCAPES[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
