import { type HtmlValue, html, render } from './html.ts';
import type { Messages } from './messages.ts';
import { style } from './style.ts';

/** A ticket with an arrow down: the mark of every page, and its icon. */
const mark = html`<svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M3 7h22v4.5a2.5 2.5 0 0 0 0 5V21H3v-4.5a2.5 2.5 0 0 0 0-5z"/><path d="M14 10v7m-3-2.7 3 2.7 3-2.7"/></svg>`;

const icon = html`<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http:%2F%2Fwww.w3.org%2F2000%2Fsvg' viewBox='0 0 28 28' fill='none' stroke='%230a8f6f' stroke-width='2.4' stroke-linejoin='round'%3E%3Cpath d='M3 7h22v4.5a2.5 2.5 0 0 0 0 5V21H3v-4.5a2.5 2.5 0 0 0 0-5zM14 10v7m-3-2.7 3 2.7 3-2.7'/%3E%3C/svg%3E">`;

/** A whole page: the frame that all share, one heading, and what is particular to this one. */
export function layOut(
  { title, main }: { readonly title: string; readonly main: HtmlValue },
  { lang, product, footer }: Messages,
): string {
  return render(html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no">
<title>${title} – ${product}</title>
${icon}
<style>${style}</style>
</head>
<body>
<header>${mark}<p>${product}</p></header>
<main>
<h1>${title}</h1>
${main}
</main>
<footer><p>${footer}</p></footer>
</body>
</html>
`);
}
