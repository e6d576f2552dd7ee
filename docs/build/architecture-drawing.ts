import { arrowHead, drawingStyle } from './drawing-style.ts';
import type { Architecture, DrawnFunction } from './read-architecture.ts';

const TOP = 144;
const LINE = 19;
const GAP = 14;
/** The x coordinate at which arrows begin, to the right of the longest route. */
const ARROW = 292;
const FUNCTION = { x: 380, width: 128 };
const MATRIX = { x: 542, step: 48 };

const STYLE = `${drawingStyle}
.band{fill:#f6f8fa}
.changes{fill:#0969da;stroke:#0969da;stroke-width:2}
.reads{fill:none;stroke:#0969da;stroke-width:2}
.name{font-size:16px;font-weight:600;text-anchor:middle}
.route{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px}
.column{font-size:13px;font-weight:600;fill:#57606a}
@media (prefers-color-scheme:dark){
.band{fill:#161b22}
.changes{fill:#4493f8;stroke:#4493f8}
.reads{stroke:#4493f8}
.column{fill:#9198a1}
}`;

/**
 * Draws docs/architecture.svg: what invokes each function, and which resources its role lets it use. The drawing has
 * the style of docs/flow.svg, and follows the reader's light or dark theme.
 */
export function architectureDrawing({ functions, columns }: Architecture): string {
  const width = centerOf(columns.length) + 72;
  let y = TOP;
  const rows = functions.map((drawn, index) => {
    const height = Math.max(2, drawn.triggers.length) * LINE + GAP * 2;
    const row = drawRow(drawn, columns, { y, width, height, shaded: index % 2 === 0 ? 'shaded' : 'plain' });
    y += height;
    return row;
  });
  const height = y + 64;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">What invokes each function, and what its role lets it touch</title>
<desc id="desc">${functions.map((drawn) => inWords(drawn, columns)).join(' ')}</desc>
<style>${STYLE}
</style>
${arrowHead}
<rect class="panel" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="12"/>
<text class="column" x="24" y="${TOP - 20}">INVOKED BY</text>
<text class="column" x="${FUNCTION.x}" y="${TOP - 20}">FUNCTION</text>
${columns.map(drawHead).join('\n')}
${rows.join('\n')}
<circle class="changes" cx="${MATRIX.x + 8}" cy="${height - 32}" r="7"/><text class="note" x="${MATRIX.x + 24}" y="${height - 27.5}">may change or send</text>
<circle class="reads" cx="${MATRIX.x + 188}" cy="${height - 32}" r="7"/><text class="note" x="${MATRIX.x + 204}" y="${height - 27.5}">may read or use</text>
</svg>
`;
}

function drawHead(column: string, index: number): string {
  const x = centerOf(index);
  return `<text class="column" transform="translate(${x + 4} ${TOP - 20}) rotate(-50)">${column}</text>`;
}

interface Place {
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly shaded: 'shaded' | 'plain';
}

function drawRow(
  drawn: DrawnFunction,
  columns: readonly string[],
  { y, width, height, shaded }: Place,
): string {
  const middle = y + height / 2;
  const lines = [...drawn.triggers];
  const first = middle - ((lines.length - 1) * LINE) / 2 + 4.5;
  const kind = drawn.caller === 'events' ? 'note' : 'route';
  return [
    ...(shaded === 'shaded'
      ? [`<rect class="band" x="1" y="${y}" width="${width - 2}" height="${height}"/>`]
      : []),
    ...lines.map((line, index) => `<text class="${kind}" x="24" y="${first + index * LINE}">${line}</text>`),
    ...(drawn.caller === 'IAM callers'
      ? [`<text class="note" x="${ARROW}" y="${middle - 8}">signed</text>`]
      : []),
    `<path class="line" marker-end="url(#tip)" d="M${ARROW} ${middle} ${FUNCTION.x - 4} ${middle}"/>`,
    `<rect class="function" x="${FUNCTION.x}" y="${middle - 20}" width="${FUNCTION.width}" height="40" rx="8"/>`,
    `<text class="name" x="${FUNCTION.x + FUNCTION.width / 2}" y="${middle + 5.5}">${drawn.name}</text>`,
    ...columns.flatMap((column, index) => {
      const access = drawn.access.get(column);
      return access === undefined
        ? []
        : [`<circle class="${access}" cx="${centerOf(index)}" cy="${middle}" r="7"/>`];
    }),
  ].join('\n');
}

const centerOf = (index: number): number => MATRIX.x + 8 + index * MATRIX.step;

function inWords({ name, triggers, caller, access }: DrawnFunction, columns: readonly string[]): string {
  const list = (wanted: string): string =>
    columns.filter((column) => access.get(column) === wanted).join(', ') || 'nothing';
  const by = caller === 'events' ? triggers.join(', ') : `${caller} through ${triggers.join(', ')}`;
  return `${name}, invoked by ${by}, may change or send ${list('changes')}, and read or use ${list('reads')}.`;
}
