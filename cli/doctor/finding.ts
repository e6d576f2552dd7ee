import type { Mark } from '../report/mark-line.ts';

export interface Finding {
  readonly check: string;
  readonly mark: Mark;
  readonly found: string;
  /** What to do. Present only for warnings and problems. */
  readonly advice?: string;
}

/** A check. It can have several findings. */
export interface Check {
  readonly name: string;
  /** The IAM actions that the check needs. */
  readonly permissions: readonly string[];
  look(): Promise<readonly Finding[]>;
}

/** Creates a finding for something that is in order. */
export const fine = (check: string, found: string): Finding => ({ check, mark: 'ok', found });

/** Creates a finding for something that works, but perhaps not for long or not for everyone. */
export const warning = (check: string, found: string, advice: string): Finding => ({
  check,
  mark: 'warning',
  found,
  advice,
});

/** Creates a finding for something that is broken or unsafe. */
export const problem = (check: string, found: string, advice: string): Finding => ({
  check,
  mark: 'problem',
  found,
  advice,
});

/**
 * Advice for a resource that somebody has changed by hand. An ordinary deployment does not undo that, because the
 * template has not changed (AWS CloudFormation User Guide, "Using drift-aware change sets").
 */
export const REVERT_DRIFT = 'Run: npx cdk deploy --revert-drift';

/** Creates a finding for something that this deployment does not have, or that cannot be checked from here. */
export const skipped = (check: string, found: string): Finding => ({ check, mark: 'skipped', found });
