import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A group of processes that is limited to a share of one core, as a function on Lambda is. */
export interface CpuQuota {
  /** A process joins the group by writing its ID to this file. */
  readonly members: string;
  /** Sets the share of one core. Lambda gives a function a whole core at 1,769 MB. */
  set(share: number): void;
  close(): void;
}

const PERIOD_US = 100_000;

/** The quota files of cgroup v1 and v2, and the format of each. */
const VERSIONS = [
  { root: '/sys/fs/cgroup/cpu', file: 'cpu.cfs_quota_us', line: (quota: number) => String(quota) },
  { root: '/sys/fs/cgroup', file: 'cpu.max', line: (quota: number) => `${quota} ${PERIOD_US}` },
] as const;

/**
 * Creates a control group with a CPU time quota.
 *
 * @returns `undefined` if this user is not allowed to create control groups, or if the system is not Linux
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
