import { styleText } from 'node:util';

/** A stream that may be a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Colors text on a terminal, unless `NO_COLOR` is set. */
export const paint = (stream: Terminal, style: Parameters<typeof styleText>[0], text: string): string =>
  stream.isTTY === true && !process.env.NO_COLOR ? styleText(style, text, { validateStream: false }) : text;

/**
 * Shows the progress while local mode starts. On a terminal, each step overwrites the previous one. Elsewhere, each
 * step gets its own line.
 */
export function progress(stream: Terminal): { step(line: string): void; done(): void } {
  const live = stream.isTTY === true;
  return {
    step: (line) => stream.write(live ? `\r\u001b[2K  ${paint(stream, 'dim', `${line} …`)}` : `${line} …\n`),
    done: () => {
      if (live) stream.write('\r\u001b[2K');
    },
  };
}

/** Formats a warning as one line. */
export const warningLine = (line: string, stream: Terminal): string =>
  `  ${paint(stream, 'yellow', '!')} ${line}\n`;
