export const PRESENCE_KEY: Uint8Array = Buffer.alloc(32, 7);

/** Returns the given code with each of its last `digits` digits (1 to 6) changed. */
export function differing(code: string, digits: number): string {
  const kept = code.slice(0, 6 - digits);
  return kept + [...code.slice(6 - digits)].map((digit) => String((Number(digit) + 1) % 10)).join('');
}
