/** Limits a link's lifetime, in seconds: from a minute to 400 days. */
export const LIFETIME = { min: 60, max: 400 * 86_400 } as const;

/** Limits how long a function may run, in seconds (AWS Lambda Developer Guide, "Lambda quotas"). */
export const LONGEST_RUN_SECONDS = 900;
