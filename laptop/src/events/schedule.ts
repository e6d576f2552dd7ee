import type { EventBuses } from './event-bus.ts';
import type { EventRule } from './rule.ts';

/** Longest delay of a Node timer in milliseconds, about 24.8 days. Longer periods are shortened to it. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs each scheduled rule at its rate. The first run is one period after the start.
 *
 * @returns a function that stops the schedules
 */
export function startSchedules(
  rules: readonly EventRule[],
  { runSchedule }: Pick<EventBuses, 'runSchedule'>,
): () => void {
  const timers = rules.flatMap((rule) =>
    rule.trigger.kind === 'schedule'
      ? [setInterval(() => void runSchedule(rule), Math.min(rule.trigger.everyMs, MAX_TIMER_MS)).unref()]
      : [],
  );
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

/** Finds a scheduled rule by the beginning of its logical ID, because the CDK appends a hash. */
export function scheduleNamed(rules: readonly EventRule[], name: string): EventRule {
  const found = rules.filter(
    ({ logicalId, trigger }) => trigger.kind === 'schedule' && logicalId.startsWith(name),
  );
  const [rule, ...others] = found;
  if (rule === undefined || others.length > 0)
    throw new Error(
      `${found.length} scheduled rules have a logical ID that begins with ${name}. Exactly one must match.`,
    );
  return rule;
}
