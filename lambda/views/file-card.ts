import type { Asset } from '../domain/records.ts';
import { formatSize } from './format.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { mediaKindOf } from './media-kind.ts';
import type { Messages } from './messages.ts';

/** Fact about a file, with its label. */
export interface FileFact {
  readonly label: string;
  readonly value: HtmlValue;
}

interface CardContent {
  /** ID of the element with the file's name. */
  readonly id?: string;
  readonly facts?: readonly FileFact[];
  readonly below?: Html;
}

const sheet = html`<svg width="21" height="28" viewBox="5 2 18 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M6 3h9l6 6v16H6zM15 3v6h6"/></svg>`;

/**
 * Shows a file. The file must exist. Otherwise, a made-up name could put any text on the page. The name is isolated, so
 * that a right-to-left name does not reorder the text around it.
 */
export function fileCard(asset: Asset, messages: Messages, { id, facts = [], below }: CardContent): Html {
  const all = factsOf(asset, facts, messages);
  const list = html`<dl>${all.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
  const name = html`<bdi${id === undefined ? undefined : html` id="${id}"`}>${asset.fileName}</bdi>`;
  return html`<div class="file"><p>${sheet}${name}</p>${list}${below}</div>`;
}

function factsOf(
  { type, size, sha256 }: Asset,
  facts: readonly FileFact[],
  { file, kinds, locale }: Messages,
): readonly FileFact[] {
  const kind = mediaKindOf(type);
  return [
    ...(kind === 'other' ? [] : [{ label: file.kind, value: kinds[kind] }]),
    { label: file.size, value: formatSize(size, locale) },
    ...facts,
    ...(sha256 === undefined ? [] : [{ label: file.checksum, value: html`<code>${sha256}</code>` }]),
  ];
}
