import { type Html, html } from './html.ts';

/**
 * Style sheet of every page, inlined in the head. The template contains no page-specific values, so its hash is the
 * same on every page.
 */
export const style: Html = html`
:root{color-scheme:light dark;--page:#f3f6f5;--card:#fff;--text:#16211d;--soft:#4b5853;--line:#d5deda;--field:#6f7d77;--accent:#0a6650;--on-accent:#fff;--tint:#e6f2ee;--error:#a8201a}
@media(prefers-color-scheme:dark){:root{--page:#0e1412;--card:#171f1c;--text:#e7eeea;--soft:#a6b3ad;--line:#2b3632;--field:#7c8a84;--accent:#63d4b3;--on-accent:#05241b;--tint:#1c2b26;--error:#ffb3ab}header img{padding:.2rem;background:#fff;border-radius:.3rem}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;padding:clamp(1rem,4vw,3rem) 1rem;background:var(--page);color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:35rem;margin:0 auto}
header{display:flex;align-items:center;gap:.6rem;padding:0 .25rem 1rem;font-weight:600}
header p{margin:0}
svg{flex:none;color:var(--accent)}
header img{flex:none;height:2.25rem;max-width:10rem;object-fit:contain}
main{padding:clamp(1.25rem,5vw,2.5rem);background:var(--card);border:1px solid var(--line);border-radius:.9rem}
h1{margin:0 0 .75rem;font-size:clamp(1.5rem,1.2rem + 1.6vw,1.9rem);line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
h2{margin:0 0 .4rem;font-size:1.05rem;line-height:1.35}
p,ul{margin:0 0 1rem}
ul{padding-left:1.2rem}
li+li{margin-top:.35rem}
section{margin-top:2rem;padding-top:1.5rem;border-top:1px solid var(--line)}
main>:last-child,section>:last-child{margin-bottom:0}
a{color:var(--accent);text-underline-offset:.15em}
.file,.code{margin:1.5rem 0;padding:1rem 1.1rem;background:var(--tint);border-radius:.6rem}
.file p{display:flex;gap:.6rem;margin:0;font-weight:600;line-height:1.4}
.file form,.file div{margin:1em 0 0}
.file bdi{min-width:0;padding-top:.15rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem;margin:.75rem 0 0;font-size:.9rem}
dt{color:var(--soft)}
dd{margin:0}
dd span{white-space:nowrap}
code{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
form{margin:0 0 1rem}
label{display:block;margin:1.25rem 0 .35rem;font-weight:600}
input{display:block;width:100%;min-height:3rem;padding:.6rem .8rem;background:var(--card);color:inherit;border:1px solid var(--field);border-radius:.5rem;font:inherit}
button,.button{display:inline-block;min-height:3rem;padding:.7rem 1.5rem;background:var(--accent);color:var(--on-accent);border:1px solid var(--accent);border-radius:.5rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
button:hover,.button:hover{filter:brightness(1.1)}
.quiet{background:none;color:var(--accent)}
input:not([type=hidden])+button{margin-top:1.25rem}
button[aria-disabled]{opacity:.65;cursor:progress;filter:none}
[role=status]{margin:.6rem 0 0}
[role=status]:empty{margin:0}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.hint,footer{color:var(--soft);font-size:.9rem}
.hint{margin:0 0 .4rem}
.code{font-size:2.5rem;font-weight:600;letter-spacing:.1em}
.error{color:var(--error);font-weight:600}
footer{padding:1.25rem .25rem 0}
footer p{margin:0 0 .4rem}
footer span{display:inline-block;margin-right:1.5rem}
@media(max-width:26rem){dl{display:block}dd{margin-bottom:.4rem}dd:last-child{margin:0}button,.button{display:block;width:100%}}
@media print{body{background:none;padding:0}main,.file{border:0;padding:0;background:none}form,.button{display:none}}
`;
