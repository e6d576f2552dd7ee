import { type Html, html } from './html.ts';

/** Style sheet of upload pages, in addition to the shared one. */
export const uploadStyle: Html = html`
blockquote{margin:0 0 1rem;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--accent)}
blockquote p{margin:0;font-weight:600}
[hidden]{display:none!important}
main>dl{margin:0 0 1.5rem}
#drop{padding:1.1rem;border:2px dashed var(--field);border-radius:.6rem}
#drop label{margin:0 0 .35rem}
#drop.over{background:var(--tint);border-color:var(--accent)}
input[type=file]{padding:.6rem 0;border:0;background:none}
#files,.files{margin:1rem 0;padding:0;list-style:none}
#files li,.files li{display:grid;grid-template-columns:1fr auto;gap:.25rem 1rem;margin:0 0 .75rem;padding:.75rem 1rem;background:var(--tint);border-radius:.6rem}
#files bdi,.files bdi{min-width:0;font-weight:600}
#files progress,.state,.buttons{grid-column:1/-1}
progress{width:100%;height:.6rem;accent-color:var(--accent)}
.buttons:empty{display:none}
.buttons button{min-height:2.5rem;margin-right:.6rem;padding:.35rem 1rem}
button.quiet{border-color:var(--field)}
.state{font-size:.95rem}
.buttons{margin-top:.35rem}
#announce:not(:empty){margin:0 0 1rem}
#finish[aria-disabled]{cursor:not-allowed}
@media(hover:none){#picker-hint{display:none}}
`;
