import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A group of processes that share a part of one core, as functions on Lambda do. */
export interface CpuQuota {
  /** The file to which the ID of a joining process is written. */
  readonly members: string;
  /** Sets the share of one core. Lambda gives a whole core for 1,769 MB. */
  set(share: number): void;
  close(): void;
}

const PERIOD_US = 100_000;

/** Paths of Linux control groups and formats of their quotas, for both versions. */
const VERSIONS = [
  { root: '/sys/fs/cgroup/cpu', file: 'cpu.cfs_quota_us', line: (quota: number) => String(quota) },
  { root: '/sys/fs/cgroup', file: 'cpu.max', line: (quota: number) => `${quota} ${PERIOD_US}` },
] as const;

/**
 * Creates a control group with a quota of processor time.
 *
 * @returns `undefined` without the permission, or on other systems than Linux
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
