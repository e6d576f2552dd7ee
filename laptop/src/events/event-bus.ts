import type { Place } from '../template/physical.ts';
import type { Deliver } from './deliver.ts';
import { type BusEvent, completeEvent, type EventContent } from './event.ts';
import type { EventRule } from './rule.ts';

/** The default event bus. */
export interface EventBus {
  /**
   * Sends an event of an AWS service to the targets of all rules that match. Repeats an event if its ID is given.
   * Resolves once it is delivered.
   */
  publish(event: EventContent & Partial<BusEvent>): Promise<void>;
  /** Sends the scheduled event of a rule to its targets. */
  runSchedule(rule: EventRule): Promise<void>;
  /** Puts an event as `PutEvents` does for a customer. */
  putEvent(content: EventContent): PutEventResult;
  /** Resolves once all events so far are delivered. */
  idle(): Promise<void>;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
type PutEventResult =
  | { readonly eventId: string }
  | { readonly errorCode: 'NotAuthorizedForSourceException'; readonly errorMessage: string };

export interface EventBusOptions {
  readonly rules: readonly EventRule[];
  readonly place: Pick<Place, 'region' | 'accountId'>;
  readonly deliver: Deliver;
  readonly clock: () => Date;
}

/** Opens the bus. Deliveries run in the background, in no particular order, as on AWS. */
export function openEventBus({ rules, place, deliver, clock }: EventBusOptions): EventBus {
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
  const publish = (event: BusEvent): Promise<void> =>
    send(
      event,
      rules.filter(({ trigger }) => trigger.kind === 'pattern' && trigger.matches(event)),
    );
  return {
    publish: (event) => publish({ ...completeEvent(event, place, clock()), ...event }),
    runSchedule: (rule) => send(completeEvent(scheduled(rule), place, clock()), [rule]),
    putEvent: (content) => {
      const { source } = content;
      if (source.startsWith('aws.'))
        return {
          errorCode: 'NotAuthorizedForSourceException',
          errorMessage: `Not authorized for the source ${source}`,
        };
      const event = completeEvent(content, place, clock());
      void publish(event);
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
