export const DAY_SECONDS = 86_400;

/** Bounds of a link's lifetime, in seconds: a minute to 400 days. */
export const LIFETIME = { min: 60, max: 400 * DAY_SECONDS } as const;

/** Longest time that a function can run, in seconds (AWS Lambda Developer Guide, "Lambda quotas"). */
export const LONGEST_RUN_SECONDS = 900;
