import { type PublicOrigin, requestFormAddress } from './addresses.ts';
import { html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';

/** Returns the page that follows a report. It says what happens with the report, and what to do next. */
export function reportedPage(
  { origin }: { readonly origin: PublicOrigin },
  theme: LocalizedTheme = defaultTheme,
): string {
  const { reported } = theme.messages;
  return layOut(
    {
      title: reported.title,
      main: html`<p>${reported.lead}</p>
<section>
<h2>${reported.whatNow}</h2>
<ul>${reported.advice.map((advice) => html`<li>${advice}</li>`)}</ul>
<p><a href="${requestFormAddress(origin)}">${reported.newLink}</a></p>
</section>`,
    },
    theme,
  );
}
