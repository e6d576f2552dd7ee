import { type Html, html, render } from './html.ts';
import type { MailBlock, MailFact } from './mail-body.ts';

/**
 * Returns the HTML part. It contains no tables and loads nothing remote. Text keeps the reader's own colors, light or
 * dark.
 */
export function mailHtml({
  body,
  subject,
  lang,
  accent,
}: {
  readonly body: readonly MailBlock[];
  readonly subject: string;
  readonly lang: string;
  /** Color as `#rrggbb`. It is legible on white, and white is legible on it. */
  readonly accent: string;
}): string {
  return render(html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no">
<title>${subject}</title>
</head>
<body style="margin:0;padding:24px 16px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:560px;margin:0 auto">
${body.map((block) => write(block, accent))}
</div>
</body>
</html>
`);
}

function write(block: MailBlock, accent: string): Html {
  switch (block.block) {
    case 'heading':
      return html`<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${block.text}</h1>\n`;
    case 'paragraph':
      return html`<p style="margin:0 0 16px">${block.text}</p>\n`;
    case 'greeting':
      return html`<p style="margin:0 0 16px">${block.hello} ${isolated(block.name)},</p>\n`;
    case 'message':
      return html`<p style="margin:0 0 24px">${block.label}<br>${isolated(block.text)}</p>\n`;
    case 'facts':
      return html`<p style="margin:0 0 24px;padding:2px 0 2px 14px;border-left:4px solid ${accent}">${block.facts.map(
        (fact, index) => html`${index === 0 ? '' : html`<br>`}${fact.label} ${value(fact)}`,
      )}</p>\n`;
    case 'files':
      return html`<p style="margin:0 0 4px">${block.label}</p>
<ul style="margin:0 0 24px;padding:2px 0 2px 32px;border-left:4px solid ${accent}">${block.files.map(
        ({ name, size }) => html`<li><strong>${isolated(name)}</strong> (${size})</li>`,
      )}</ul>\n`;
    case 'link':
      return html`<p style="margin:24px 0"><a href="${block.url}" style="display:inline-block;padding:12px 24px;border-radius:8px;background-color:${accent};color:#ffffff;font-weight:bold;text-decoration:none">${block.button}</a></p>
<p style="margin:0 0 24px;font-size:14px">${block.lead}<br><a href="${block.url}" style="color:inherit;word-break:break-all">${block.url}</a></p>\n`;
    case 'sender':
      return html`<p style="margin:32px 0 0;font-size:14px"><strong>${block.name}</strong>${block.lines.map(
        ({ label, text, url }) => html`<br>${label} <a href="${url}" style="color:inherit">${text}</a>`,
      )}</p>\n`;
  }
}

function value({ value, nature }: MailFact): Html {
  switch (nature) {
    case 'name':
      return html`<strong dir="auto" style="unicode-bidi:isolate;word-break:break-word"><bdi>${value}</bdi></strong>`;
    case 'checksum':
      return html`<span style="font-family:Consolas,Menlo,monospace;font-size:13px;word-break:break-all">${value}</span>`;
    case 'plain':
      return html`${value}`;
  }
}

/** Isolates text that somebody else wrote, so that its direction does not affect the words around it. */
function isolated(text: string): Html {
  return html`<bdi dir="auto" style="unicode-bidi:isolate;word-break:break-word">${text}</bdi>`;
}
