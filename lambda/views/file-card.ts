import { type Html, type HtmlValue, html } from './html.ts';

/** Holds one fact about a file: its label and its value. */
export interface FileFact {
  readonly label: string;
  readonly value: HtmlValue;
}

const sheet = html`<svg width="21" height="28" viewBox="5 2 18 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M6 3h9l6 6v16H6zM15 3v6h6"/></svg>`;

/**
 * Shows a file that is known to exist, because anyone can make up the name of one that does not. The name is isolated,
 * so that a right-to-left name does not reorder what is around it.
 */
export function fileCard(fileName: string, facts: readonly FileFact[]): Html {
  const list = html`<dl>${facts.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
  return html`<div class="file"><p>${sheet}<bdi>${fileName}</bdi></p>${list}</div>`;
}
