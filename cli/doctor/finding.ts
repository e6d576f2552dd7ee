import type { Mark } from '../report/mark-line.ts';

/** What a check found: one line, and what to do about it. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly mark: Mark;
  readonly found: string;
  /** What to do; for warnings and problems. */
  readonly advice?: string;
}

/** One or more things to look at that need the same rights. */
export interface Check {
  readonly name: string;
  /** The rights that it takes, as IAM spells them. */
  readonly rights: readonly string[];
  look(): Promise<readonly Finding[]>;
}

/** Whatever is as it should be. */
export const fine = (check: string, found: string): Finding => ({ check, mark: 'ok', found });

/** What works, and may not for long or not for everybody. */
export const warning = (check: string, found: string, advice: string): Finding => ({
  check,
  mark: 'warning',
  found,
  advice,
});

/** What does not work, or is not safe. */
export const problem = (check: string, found: string, advice: string): Finding => ({
  check,
  mark: 'problem',
  found,
  advice,
});

/** What this deployment does not have, such as what AWS alone knows. */
export const skipped = (check: string, found: string): Finding => ({ check, mark: 'skipped', found });
