import { styleText } from 'node:util';
import type { TextStream } from './io.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text for a stream: only where colours are seen, and never where `NO_COLOR` asks for none. */
export function paint(style: Style, text: string, stream: TextStream): string {
  return styleText(style, text, { stream, validateStream: true });
}
