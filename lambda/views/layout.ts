import { accentOnWhite, type Brand, brandStyle } from './brand.ts';
import { type Html, type HtmlValue, html, render } from './html.ts';
import type { LocalizedTheme } from './localized-theme.ts';
import type { Messages } from './messages.ts';
import { script } from './script.ts';
import { style } from './style.ts';

/** Ticket with a down arrow: the logo of every page, unless the brand has its own. */
const mark = html`<svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M3 7h22v4.5a2.5 2.5 0 0 0 0 5V21H3v-4.5a2.5 2.5 0 0 0 0-5z"/><path d="M14 10v7m-3-2.7 3 2.7 3-2.7"/></svg>`;

/** Returns the ticket as the page's icon, in the given color. */
const icon = (color: string) =>
  html`<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http:%2F%2Fwww.w3.org%2F2000%2Fsvg' viewBox='0 0 28 28' fill='none' stroke='%23${color.slice(1)}' stroke-width='2.4' stroke-linejoin='round'%3E%3Cpath d='M3 7h22v4.5a2.5 2.5 0 0 0 0 5V21H3v-4.5a2.5 2.5 0 0 0 0-5zM14 10v7m-3-2.7 3 2.7 3-2.7'/%3E%3C/svg%3E">`;

interface PageContent {
  readonly title: string;
  readonly main: HtmlValue;
  /** Style sheet and script that this page needs in addition to the shared ones. */
  readonly style?: Html;
  readonly script?: Html;
  /** Product name and footer, if they differ from those on download pages. */
  readonly words?: { readonly product: string; readonly footer: string };
}

/** Returns a complete page: the shared layout, one heading, and the page's own content. */
export function layOut({ title, main, ...own }: PageContent, { messages, brand }: LocalizedTheme): string {
  const { lang, locale } = messages;
  const { product, footer } = own.words ?? messages;
  const name = brand.name ?? product;
  const branded = brandStyle(brand);
  return render(html`<!doctype html>
<html lang="${lang}" data-locale="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no">
<title>${title} – ${name}</title>
${icon(accentOnWhite(brand))}
<style>${style}</style>${branded && html`<style>${branded}</style>`}${own.style && html`<style>${own.style}</style>`}
</head>
<body>
<header>${brand.logo === undefined ? mark : html`<img src="${brand.logo}" alt="">`}<p>${name}</p></header>
<main>
<h1>${title}</h1>
${main}
</main>
<footer><p>${footer}</p>${contact(brand, messages)}</footer>
<script>${script}</script>${own.script && html`<script>${own.script}</script>`}
</body>
</html>
`);
}

function contact({ supportAddress, imprint }: Brand, { contact: words }: Messages): Html | undefined {
  if (supportAddress === undefined && imprint === undefined) return undefined;
  const support =
    supportAddress &&
    html`<span>${words.support} <a href="mailto:${supportAddress}">${supportAddress}</a></span> `;
  return html`<p>${support}${imprint && html`<span><a href="${imprint}">${words.imprint}</a></span>`}</p>`;
}
