/** Serialized XML, which is not escaped again. Plain strings are treated as text and escaped. */
export interface Xml {
  readonly xml: string;
}

/** The content of an element: text or elements. Undefined elements are omitted. */
export type XmlContent = string | number | boolean | readonly (Xml | undefined)[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters to escape. Keys can contain control characters, which S3 writes as character references. */
const SPECIAL = /[&<>"]|\p{Cc}/gu;

/** Creates an element. S3's elements have no attributes, except for the namespace of the root. */
export const element = (name: string, content: XmlContent): Xml => ({
  xml: `<${name}>${inner(content)}</${name}>`,
});

/** Creates a document in S3's namespace. */
export const document = (name: string, content: XmlContent): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner(content)}</${name}>`;

/** Creates an error document, which has no namespace. */
export const errorDocument = (content: XmlContent): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', content).xml}`;

const inner = (content: XmlContent): string =>
  typeof content === 'object'
    ? content.map((child) => child?.xml ?? '').join('')
    : String(content).replace(SPECIAL, (c) => ESCAPES[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
