const UNITS: readonly string[] = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** Formats a size in decimal units with up to three digits, such as `999 bytes` or `1.2 MB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  if (power === 0) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const scaled = bytes / 1000 ** power;
  const text = scaled < 9.95 ? scaled.toFixed(1) : String(Math.round(scaled));
  // 999,600 bytes are 1.0 MB, not 1000 KB.
  return text === '1000' && power < UNITS.length - 1 ? `1.0 ${UNITS[power + 1]}` : `${text} ${UNITS[power]}`;
}

/** Parses a size in decimal units, such as `500KB` or `1.5GB`. Returns bytes, or `undefined` if the text is invalid. */
export function parseSize(text: string): number | undefined {
  const [, amount = '', unit = 'bytes'] =
    /^(\d{1,15}(?:\.\d{1,3})?)(KB|MB|GB|TB)?$/.exec(text.toUpperCase()) ?? [];
  const bytes = Math.round(Number(amount) * 1000 ** UNITS.indexOf(unit));
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Formats a time for people, to the minute and in UTC: `2026-11-23 20:15Z`. */
export function momentText(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

/** Formats a count with a noun whose plural ends in "s", such as `1 link` or `2 links`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
