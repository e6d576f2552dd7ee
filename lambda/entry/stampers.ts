import { SandboxedStamper, type StampLimits } from '../adapters/sandboxed-stamper.ts';

const stamperWithin = (limits: StampLimits) =>
  new SandboxedStamper(new URL('./stamper.mjs', import.meta.url), limits);

/**
 * Memory limits, which leave room for the function itself, the file, and its copy in the function's memory
 * (lib/capabilities/watermark.ts). Of `memoryMb`, Node reserves 500 MB that it never touches.
 */
const MEMORY = { heapMb: 1024, memoryMb: 1800 };

/** Stamps copies for redemptions. */
export const copyStamper = stamperWithin({ ...MEMORY, cpuSeconds: 16 });

/** Stamps files on trial. It has half the time, so that stamping a file that it accepts is never too slow later. */
export const trialStamper = stamperWithin({ ...MEMORY, cpuSeconds: 8 });
