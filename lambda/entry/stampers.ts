import { SandboxedStamper, type StampLimits } from '../adapters/sandboxed-stamper.ts';

const stamperWithin = (limits: StampLimits) =>
  new SandboxedStamper(new URL('./stamper.mjs', import.meta.url), limits);

/**
 * Leaves room for the function itself, the file, and its copy in the memory of the functions (lib/capabilities/watermark.ts).
 * Of this memory, Node reserves 500 MB that it never touches.
 */
const MEMORY = { heapMb: 1024, memoryMb: 1800 };

/** Stamps copies. */
export const copyStamper = stamperWithin({ ...MEMORY, cpuSeconds: 16 });

/** Tries the stamp in half the time, so that what it accepts is never too slow later. */
export const trialStamper = stamperWithin({ ...MEMORY, cpuSeconds: 8 });
