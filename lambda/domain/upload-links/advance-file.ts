import type { AdvanceDependencies } from '../uploads/advance.ts';

/**
 * Dependencies for advancing an upload that came through a link. They include no quota, because such uploads hold no
 * slot.
 */
export type AdvanceFileDependencies = Omit<AdvanceDependencies, 'quota'>;

/** Adds a no-op quota, which the shared code for uploads requires. */
export function withoutSlots<Dependencies extends AdvanceFileDependencies>(
  deps: Dependencies,
): Dependencies & AdvanceDependencies {
  return { ...deps, quota: { refund: async () => undefined } };
}
