/** A chart of stacked horizontal bars. Each bar has one part per legend entry. */
export interface Chart {
  /** The file name, without `.svg`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly legend: readonly string[];
  readonly bars: readonly { readonly label: string; readonly parts: readonly number[] }[];
}

const WIDTH = 760;
const LEFT = 170;
const RIGHT = 110;
const ROW = 26;
/** The space above the first bar, in pixels, for charts without and with a legend. */
const TOPS = { plain: 38, legend: 64 };
/** Colors that people, including those with color blindness, can tell apart on white and on black. */
const COLORS = ['#3987e5', '#d95926', '#199e70', '#c98500', '#9085e9', '#d55181', '#008300', '#8a8a8a'];

/** Draws a chart as an SVG image that is legible on light and dark pages. */
export function drawChart({ title, unit, legend, bars }: Chart): string {
  const totals = bars.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0));
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(...totals);
  const top = legend.length > 1 ? TOPS.legend : TOPS.plain;
  const height = top + bars.length * ROW + 8;
  const rows = bars.flatMap(({ label, parts }, index) => {
    const y = top + index * ROW;
    let x = LEFT;
    const pieces = parts.map((part, which) => {
      const piece = `<rect x="${round(x)}" y="${y}" width="${round(part * scale)}" height="${ROW - 8}" fill="${COLORS[which % COLORS.length]}"/>`;
      x += part * scale;
      return piece;
    });
    const total = `${format(totals[index] ?? 0)} ${unit}`;
    return [text(LEFT - 8, y + 13, label, 'end'), ...pieces, text(round(x + 6), y + 13, total, 'start')];
  });
  const keys = legend.flatMap((word, index) => {
    const x = LEFT + index * Math.floor((WIDTH - LEFT) / legend.length);
    return [
      `<rect x="${x}" y="38" width="10" height="10" fill="${COLORS[index % COLORS.length]}"/>`,
      text(x + 15, 47, word, 'start'),
    ];
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    '<style>text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}' +
      '@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>',
    `<text class="title" x="8" y="22">${escapeXml(title)}</text>`,
    ...(legend.length > 1 ? keys : []),
    ...rows,
    '</svg>',
  ].join('\n')}\n`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeXml(words)}</text>`;
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
