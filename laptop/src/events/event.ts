import { randomUUID } from 'node:crypto';
import type { Place } from '../template/physical.ts';

/**
 * An event on the bus.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export interface BusEvent extends EventContent {
  readonly version: '0';
  readonly id: string;
  readonly account: string;
  /** In UTC, in whole seconds. */
  readonly time: string;
  readonly region: string;
}

/** What the sender of an event says. EventBridge adds the rest. */
export interface EventContent {
  readonly source: string;
  readonly 'detail-type': string;
  /** ARNs. */
  readonly resources: readonly string[];
  readonly detail: object;
}

/** Completes an event with what EventBridge adds. */
export const completeEvent = (
  content: EventContent,
  { region, accountId }: Pick<Place, 'region' | 'accountId'>,
  now: Date,
): BusEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': content['detail-type'],
  source: content.source,
  account: accountId,
  time: wholeSeconds(now),
  region,
  resources: content.resources,
  detail: content.detail,
});

/** Formats a time as events do: `2021-11-12T00:00:00Z`. */
export const wholeSeconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
