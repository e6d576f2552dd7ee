import type { Refusal } from '../domain/errors.ts';
import type { LinkState, UploadLink } from '../domain/upload-links/upload-link.ts';
import type { Upload } from '../domain/uploads/upload.ts';
import type { PublicOrigin } from './addresses.ts';
import { html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';

export interface UploadPageView {
  readonly origin: PublicOrigin;
  /** The secret that was presented. It goes into hidden fields and the script's requests, and nowhere else. */
  readonly token: string;
  readonly link: UploadLink;
  readonly state: LinkState;
  /** The files so far; empty if the link was revoked or has expired. */
  readonly files: readonly Upload[];
  readonly now: Date;
  /** Why the form that was just sent was not carried out. */
  readonly problem?: Refusal;
  /** The form that sends one file to S3 without a script. The file is the last field, and is named `file`. */
  readonly form?: {
    readonly upload: Upload;
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
  };
}

/** Returns the page that files are sent from. Looking at it spends nothing. */
export function uploadPage(view: UploadPageView, theme: LocalizedTheme = defaultTheme): string {
  const { link, state, files } = view;
  const list = html`<ul>${files.map(({ fileName, state }) => html`<li><bdi>${fileName}</bdi>: ${state}</li>`)}</ul>`;
  return layOut({ title: link.purpose, main: html`<p>${state}</p>\n${list}` }, theme);
}
