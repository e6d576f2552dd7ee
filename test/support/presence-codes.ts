export const PRESENCE_KEY: Uint8Array = Buffer.alloc(32, 7);

/** Returns a code that differs from another one in this many of its last digits, from one to six. */
export function differing(code: string, digits: number): string {
  const kept = code.slice(0, 6 - digits);
  return kept + [...code.slice(6 - digits)].map((digit) => String((Number(digit) + 1) % 10)).join('');
}
