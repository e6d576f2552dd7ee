import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A group of processes that share a part of one core, as functions on Lambda do. */
export interface CpuQuota {
  /** The file that takes the ID of a process that is to join. */
  readonly members: string;
  /** Sets the share of one core. Lambda gives a whole one for 1,769 MB. */
  set(share: number): void;
  close(): void;
}

const PERIOD_US = 100_000;

/** Lists where Linux keeps control groups, in both versions, and how a quota is written. */
const VERSIONS = [
  { root: '/sys/fs/cgroup/cpu', file: 'cpu.cfs_quota_us', line: (quota: number) => String(quota) },
  { root: '/sys/fs/cgroup', file: 'cpu.max', line: (quota: number) => `${quota} ${PERIOD_US}` },
] as const;

/**
 * Makes a control group with a quota of processor time.
 *
 * @returns `undefined` if this user may not, or this computer does not run Linux
 * @see https://docs.kernel.org/scheduler/sched-bwc.html
 */
export function openCpuQuota(): CpuQuota | undefined {
  for (const { root, file, line } of VERSIONS) {
    const group = join(root, `tvm-bench-${process.pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    if (existsSync(join(group, file))) {
      return {
        members: join(group, 'cgroup.procs'),
        set: (share) => writeFileSync(join(group, file), line(Math.round(share * PERIOD_US))),
        close: () => rmdirSync(group),
      };
    }
    rmdirSync(group);
  }
  return undefined;
}
