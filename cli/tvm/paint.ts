import { styleText } from 'node:util';
import type { TextStream } from './io.ts';

type Style = Parameters<typeof styleText>[0];

/** Colors text if the stream is a terminal, unless `NO_COLOR` is set. */
export function paint(style: Style, text: string, stream: TextStream): string {
  return styleText(style, text, { stream, validateStream: true });
}
