import type { LogFile } from '../functions/log-file.ts';
import { DEFAULT_BUS, type Place } from '../template/physical.ts';
import type { Deliver } from './deliver.ts';
import { type BusEvent, completeEvent, type EventContent } from './event.ts';
import type { EventRule } from './rule.ts';

/** The default event bus and the stack's own buses. */
export interface EventBuses {
  /**
   * Publishes an event from an AWS service on the default bus. To repeat an event, pass its ID. Resolves once the event
   * has been delivered to the targets of all matching rules.
   */
  publish(event: EventContent & Partial<BusEvent>): Promise<void>;
  /** Sends a rule's scheduled event to the rule's targets. */
  runSchedule(rule: EventRule): Promise<void>;
  /**
   * Puts one event as `PutEvents` does.
   *
   * @param content the event. `bus` defaults to the default bus, and `at` (the event's time) to now
   */
  putEvent(content: EventContent & { readonly bus?: string; readonly at?: Date }): PutEventResult;
  /** Resolves once all events so far have been delivered. */
  idle(): Promise<void>;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
export type PutEventResult =
  | { readonly eventId: string }
  | {
      readonly errorCode: 'InvalidArgument' | 'MalformedDetail' | 'NotAuthorizedForSourceException';
      readonly errorMessage: string;
    };

export interface EventBusOptions {
  /** The names of the stack's own buses. */
  readonly buses: ReadonlySet<string>;
  readonly rules: readonly EventRule[];
  readonly place: Pick<Place, 'region' | 'accountId'>;
  readonly deliver: Deliver;
  /** Receives each event that is put, as a line of JSON that includes the name of its bus. */
  readonly log: Pick<LogFile, 'write'>;
  readonly clock: () => Date;
}

/** Opens the buses. Events are delivered in the background and in no particular order, as on AWS. */
export function openEventBuses({ buses, rules, place, deliver, log, clock }: EventBusOptions): EventBuses {
  const running = new Set<Promise<void>>();
  const send = (event: BusEvent, receiving: readonly EventRule[]): Promise<void> => {
    const deliveries = receiving.flatMap((rule) =>
      rule.targets.map((target) => deliver(rule, target, event)),
    );
    const work = Promise.all(deliveries)
      .then(() => undefined)
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  };
  const publish = (event: BusEvent, on = DEFAULT_BUS): Promise<void> =>
    send(
      event,
      rules.filter(({ bus, trigger }) => bus === on && trigger.kind === 'pattern' && trigger.matches(event)),
    );
  return {
    publish: (event) => publish({ ...completeEvent(event, place, clock()), ...event }),
    runSchedule: (rule) => send(completeEvent(scheduled(rule), place, clock()), [rule]),
    putEvent: ({ bus = DEFAULT_BUS, at = clock(), ...content }) => {
      const { source } = content;
      // AWS drops events for an unknown bus without an error (github.com/aws/aws-cli/issues/9186). Local mode reports
      // an error, so that the mistake is noticed.
      if (bus !== DEFAULT_BUS && !buses.has(bus))
        return { errorCode: 'InvalidArgument', errorMessage: `Event bus ${bus} does not exist.` };
      if (source.startsWith('aws.'))
        return {
          errorCode: 'NotAuthorizedForSourceException',
          errorMessage: `Not authorized for the source ${source}`,
        };
      const event = completeEvent(content, place, at);
      log.write(`${JSON.stringify({ bus, ...event })}\n`);
      void publish(event, bus);
      return { eventId: event.id };
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
const scheduled = ({ arn }: EventRule): EventContent => ({
  source: 'aws.events',
  'detail-type': 'Scheduled Event',
  resources: [arn],
  detail: {},
});
