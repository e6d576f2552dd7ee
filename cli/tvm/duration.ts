/** The shortest and the longest lifetime, in seconds. */
export interface LifetimeBounds {
  readonly min: number;
  readonly max: number;
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/**
 * Parses a lifetime such as `15m`, `2h`, or `7d`.
 *
 * @returns seconds, or `undefined` if it is invalid or out of bounds
 */
export function parseLifetime(text: string, { min, max }: LifetimeBounds): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,8})([smhdw])$/.exec(text) ?? [];
  if (!isUnit(unit)) return undefined;
  const seconds = Number(amount) * SECONDS[unit];
  return seconds >= min && seconds <= max ? seconds : undefined;
}

const isUnit = (text: string): text is keyof typeof SECONDS => Object.hasOwn(SECONDS, text);

/** Formats seconds in a suitable unit, such as `3 days` or `15 minutes`. */
export function durationText(seconds: number): string {
  const [unit, name] =
    seconds >= 2 * SECONDS.d
      ? [SECONDS.d, 'day']
      : seconds >= 2 * SECONDS.h
        ? [SECONDS.h, 'hour']
        : seconds >= SECONDS.m
          ? [SECONDS.m, 'minute']
          : [1, 'second'];
  const amount = Math.floor(seconds / unit);
  return `${amount} ${name}${amount === 1 ? '' : 's'}`;
}
