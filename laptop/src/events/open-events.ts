import type { CreatedObject } from '../s3/operations/call.ts';
import type { StackModel } from '../template/stack-model.ts';
import { deliverTo, type Targets } from './deliver.ts';
import { type EventBuses, type EventBusOptions, openEventBuses } from './event-bus.ts';
import { objectCreated, readNotifyingBuckets } from './object-created.ts';
import { EVENT_BUS, readRules } from './rule.ts';
import { scheduleNamed, startSchedules } from './schedule.ts';

/** The event buses with the template's rules. */
export interface Events extends Pick<EventBuses, 'publish' | 'putEvent' | 'idle'> {
  /** ARNs of the functions and queues that are targets of rules. */
  readonly targets: readonly string[];
  /** Publishes `Object Created` for a new object if its bucket sends events to EventBridge. */
  announce(object: CreatedObject): void;
  /** Runs a scheduled rule immediately. `name` is the beginning of its logical ID. */
  runSchedule(name: string): Promise<void>;
  /** Runs each scheduled rule at its rate until the returned function is called. */
  startSchedules(): () => void;
}

/**
 * Opens the event buses.
 *
 * @throws LaptopError if the template has a rule or a notification that local mode does not support
 */
export function openEvents(
  model: StackModel,
  options: Targets & {
    /** Resource types that local mode ignores, each with the reason. */
    readonly ignoredTypes: Readonly<Record<string, string>>;
    readonly log: EventBusOptions['log'];
    readonly clock: () => Date;
  },
): Events {
  const { accountId, log, clock } = options;
  const rules = readRules(model, options.ignoredTypes);
  const notifying = readNotifyingBuckets(model);
  const buses = new Set(model.ofType(EVENT_BUS).map(({ physical }) => physical?.ref ?? ''));
  const bus = openEventBuses({ buses, rules, place: model.place, deliver: deliverTo(options), log, clock });
  return {
    ...bus,
    targets: rules.flatMap(({ targets }) => targets.map(({ arn }) => arn)),
    announce: (object) => {
      if (notifying.has(object.bucket)) void bus.publish(objectCreated(object, accountId, clock()));
    },
    runSchedule: (name) => bus.runSchedule(scheduleNamed(rules, name)),
    startSchedules: () => startSchedules(rules, bus),
  };
}
