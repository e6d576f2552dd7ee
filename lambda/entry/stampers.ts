import { SandboxedStamper, type StampLimits } from '../adapters/sandboxed-stamper.ts';

const stamperWithin = (limits: StampLimits) =>
  new SandboxedStamper(new URL('./stamper.mjs', import.meta.url), limits, process.env.LD_LIBRARY_PATH);

/**
 * Memory limits. They leave room in the function's memory for the function itself, the file, and its copy
 * (lib/capabilities/watermark.ts). Node.js reserves 500 MB of `memoryMb` that it never uses.
 */
const MEMORY = { heapMb: 1024, memoryMb: 1800 };

/** Stamps the copies that redemptions deliver. */
export const copyStamper = stamperWithin({ ...MEMORY, cpuSeconds: 16 });

/**
 * Tries to stamp files before links are issued. It has half the CPU time of {@link copyStamper}, so a file that it
 * accepts can later be stamped in time.
 */
export const trialStamper = stamperWithin({ ...MEMORY, cpuSeconds: 8 });
