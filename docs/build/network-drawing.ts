import { arrowHead, drawingStyle } from './drawing-style.ts';

/** A box in the drawing. Columns and rows count from 0, and halves are allowed. */
interface Box {
  readonly name: string;
  readonly note?: string;
  readonly at: readonly [column: number, row: number];
  readonly created: 'by the stack' | 'by others';
}

/** A frame around boxes, such as a VPC. */
interface Frame {
  readonly name: string;
  readonly from: readonly [column: number, row: number];
  readonly to: readonly [column: number, row: number];
}

/** An arrow from the box that calls to the box that is called. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Set if the arrow carries files as well as requests. */
  readonly file?: 'travels here';
}

/** A drawing of the paths that requests and files take in one network shape. */
export interface NetworkShape {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly frames?: readonly Frame[];
  readonly arrows: readonly Arrow[];
}

const BOX = { width: 156, height: 60 };
const STEP = { x: 268, y: 116 };
const MARGIN = { x: 40, y: 64 };
/** Distance from the box where an arrow begins to the arrow's bend, in pixels. */
const TURN = 22;

const STYLE = `${drawingStyle}
.other{fill:#f6f8fa;stroke:#afb8c1}
.frame{fill:none;stroke:#0969da;stroke-dasharray:5 4}
.frame-name{font-weight:600;fill:#0969da}
.file{fill:none;stroke:#0969da;stroke-width:3}
.name{font-size:15px;font-weight:600;text-anchor:middle}
.under{text-anchor:middle;font-size:12px}
.label{text-anchor:middle;font-size:12px}
@media (prefers-color-scheme:dark){
.other{fill:#161b22;stroke:#656c76}
.frame{stroke:#4493f8}
.frame-name{fill:#4493f8}
.file{stroke:#4493f8}
}`;

/** Draws one network shape as an SVG image. */
export function networkDrawing({ title, boxes, frames = [], arrows }: NetworkShape): string {
  const columns = Math.max(...boxes.map(({ at: [column] }) => column));
  const rows = Math.max(...boxes.map(({ at: [, row] }) => row));
  const width = MARGIN.x * 2 + columns * STEP.x + BOX.width;
  const height = MARGIN.y + rows * STEP.y + BOX.height + 72;
  const places = new Map(boxes.map((box) => [box.name, box]));
  const inWords = arrows.map(
    ({ from, to, label, file }) => `${from} to ${to}: ${label}${file ? ', with the file' : ''}.`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">${title}</title>
<desc id="desc">${inWords.join(' ')}</desc>
<style>${STYLE}
</style>
${arrowHead}
<rect class="panel" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="12"/>
${frames.map(drawFrame).join('\n')}
${arrows.map((arrow) => drawArrow(arrow, boxNamed(places, arrow.from), boxNamed(places, arrow.to))).join('\n')}
${boxes.map(drawBox).join('\n')}
<path class="file" d="M${MARGIN.x} ${height - 30} h36"/><text class="note" x="${MARGIN.x + 46}" y="${height - 25.5}">the file travels here</text>
<path class="line" d="M${MARGIN.x + 208} ${height - 30} h36"/><text class="note" x="${MARGIN.x + 254}" y="${height - 25.5}">requests only</text>
</svg>
`;
}

function boxNamed(places: ReadonlyMap<string, Box>, name: string): Box {
  const box = places.get(name);
  if (box === undefined) throw new Error(`The drawing has no box named ${name}`);
  return box;
}

const leftOf = ([column]: Box['at']): number => MARGIN.x + column * STEP.x;
const topOf = ([, row]: Box['at']): number => MARGIN.y + row * STEP.y;

function drawBox({ name, note, at, created }: Box): string {
  const [x, y] = [leftOf(at), topOf(at)];
  const center = x + BOX.width / 2;
  return [
    `<rect class="${created === 'by the stack' ? 'function' : 'other'}" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="8"/>`,
    `<text class="name" x="${center}" y="${y + (note === undefined ? 35 : 26)}">${name}</text>`,
    ...(note === undefined ? [] : [`<text class="note under" x="${center}" y="${y + 45}">${note}</text>`]),
  ].join('\n');
}

function drawFrame({ name, from, to }: Frame): string {
  const [x, y] = [leftOf(from) - 20, topOf(from) - 38];
  const [right, bottom] = [leftOf(to) + BOX.width + 20, topOf(to) + BOX.height + 18];
  return [
    `<rect class="frame" x="${x}" y="${y}" width="${right - x}" height="${bottom - y}" rx="10"/>`,
    `<text class="frame-name" x="${x + 14}" y="${y + 22}">${name}</text>`,
  ].join('\n');
}

/** Draws an arrow: straight along a row or a column, otherwise with a bend beside the box where it begins. */
function drawArrow({ label, file }: Arrow, from: Box, to: Box): string {
  const kind = file === undefined ? 'line' : 'file';
  const [x1, y1] = [leftOf(from.at), topOf(from.at)];
  const [x2, y2] = [leftOf(to.at), topOf(to.at)];
  if (x1 === x2) {
    const down = y2 > y1;
    const x = x1 + BOX.width / 2;
    const [start, end] = [down ? y1 + BOX.height : y1, down ? y2 - 4 : y2 + BOX.height + 4];
    return arrow(kind, `M${x} ${start} V${end}`, {
      x: x + 8,
      y: (start + end) / 2 + 4,
      label,
      anchor: 'start',
    });
  }
  const right = x2 > x1;
  const [start, end] = [right ? x1 + BOX.width : x1, right ? x2 - 4 : x2 + BOX.width + 4];
  const [from_, to_] = [y1 + BOX.height / 2, y2 + BOX.height / 2];
  if (from_ === to_)
    return arrow(kind, `M${start} ${from_} H${end}`, {
      x: (start + end) / 2,
      y: to_ - 7,
      label,
      anchor: 'middle',
    });
  const bend = right ? start + TURN : start - TURN;
  return arrow(kind, `M${start} ${from_} H${bend} V${to_} H${end}`, {
    x: (bend + end) / 2,
    y: to_ - 7,
    label,
    anchor: 'middle',
  });
}

function arrow(
  kind: 'line' | 'file',
  path: string,
  text: {
    readonly x: number;
    readonly y: number;
    readonly label: string;
    readonly anchor: 'start' | 'middle';
  },
): string {
  return `<path class="${kind}" marker-end="url(#tip)" d="${path}"/><text class="note" font-size="12" text-anchor="${text.anchor}" x="${text.x}" y="${text.y}">${text.label}</text>`;
}
