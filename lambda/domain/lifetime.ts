/** Limits a link's lifetime, in seconds: from a minute to 400 days. */
export const LIFETIME = { min: 60, max: 400 * 86_400 } as const;
