/** Formats seconds since 1970 as RFC 3339 in UTC: `2026-11-23T18:05:42Z`. */
export function timestamp(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
