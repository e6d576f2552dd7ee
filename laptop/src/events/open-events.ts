import type { ObjectEvent } from '../s3/object-events.ts';
import type { StackModel } from '../template/stack-model.ts';
import { deliverTo, type Targets } from './deliver.ts';
import { type EventBuses, type EventBusOptions, openEventBuses } from './event-bus.ts';
import { isCreation, objectCreated, readNotifyingBuckets } from './object-created.ts';
import { EVENT_BUS, readRules } from './rule.ts';
import { scheduleNamed, startSchedules } from './schedule.ts';

/** The event buses, with the rules of the template. */
export interface Events extends Pick<EventBuses, 'publish' | 'putEvent' | 'idle'> {
  /** ARNs of functions and queues that rules lead to. */
  readonly targets: readonly string[];
  /** Announces a new object, if its bucket sends events to the bus. */
  announce(event: ObjectEvent): void;
  /** Runs the rule with this name now, if it has a schedule. */
  runSchedule(name: string): Promise<void>;
  /** Runs each schedule at its rate, until the returned function is called. */
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
    /** Resource types that the stack lets local mode ignore. */
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
    announce: (event) => {
      if (isCreation(event) && notifying.has(event.bucket))
        void bus.publish(objectCreated(event, accountId, clock()));
    },
    runSchedule: (name) => bus.runSchedule(scheduleNamed(rules, name)),
    startSchedules: () => startSchedules(rules, bus),
  };
}
