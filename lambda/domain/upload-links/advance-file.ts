import type { AdvanceDependencies } from '../uploads/advance.ts';

/** Holds what the files of a link need to go on: no quota, because they hold no slot. */
export type AdvanceFileDependencies = Omit<AdvanceDependencies, 'quota'>;

/** Adds the quota that the rules of uploads ask for, and that the files of a link never use. */
export function withoutSlots<Dependencies extends AdvanceFileDependencies>(
  deps: Dependencies,
): Dependencies & AdvanceDependencies {
  return { ...deps, quota: { refund: async () => undefined } };
}
