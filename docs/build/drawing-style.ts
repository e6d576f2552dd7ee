/** The style that generated drawings share. It follows the reader's light or dark theme. */
export const drawingStyle = `
.panel{fill:#fff;stroke:#d0d7de}
.line{fill:none;stroke:#57606a;stroke-width:1.5}
.head{fill:#57606a}
.function{fill:#ddf4ff;stroke:#0969da}
text{font-family:-apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;fill:#1f2328;font-size:13px}
.note{fill:#57606a}
@media (prefers-color-scheme:dark){
.panel{fill:#0d1117;stroke:#30363d}
.line{stroke:#9198a1}
.head{fill:#9198a1}
.function{fill:#0c2d4d;stroke:#4493f8}
text{fill:#f0f6fc}
.note{fill:#9198a1}
}`;

/** The arrowhead. Lines refer to it as `url(#tip)`. */
export const arrowHead =
  '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>';
