/** A key of presence codes. */
export const PRESENCE_KEY: Uint8Array = Buffer.alloc(32, 7);
