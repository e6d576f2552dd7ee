import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock tick, in milliseconds (proc_pid_stat(5), USER_HZ). */
const TICK_MS = 10;

/**
 * Returns the processor time that a process's threads have used so far, in milliseconds, by thread name. Threads that
 * have ended are not included.
 *
 * @returns an empty map on systems other than Linux
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function threadTimes(pid: number): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const stat of statsOf(pid)) {
    const { name = '', rest = '' } = /\((?<name>.*)\) (?<rest>.*)/.exec(stat)?.groups ?? {};
    const [utime = 0, stime = 0] = rest.split(' ').slice(11, 13).map(Number);
    times.set(name, (times.get(name) ?? 0) + (utime + stime) * TICK_MS);
  }
  return times;
}

function statsOf(pid: number): readonly string[] {
  const tasks = `/proc/${pid}/task`;
  try {
    return readdirSync(tasks).map((id) => readFileSync(`${tasks}/${id}/stat`, 'utf8'));
  } catch {
    return [];
  }
}
