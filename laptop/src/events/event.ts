import { randomUUID } from 'node:crypto';
import type { Place } from '../template/physical.ts';

/**
 * An event on a bus.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export interface BusEvent extends EventContent {
  readonly version: '0';
  readonly id: string;
  readonly account: string;
  /** UTC, in whole seconds. */
  readonly time: string;
  readonly region: string;
}

/** The part of an event that its sender provides. EventBridge adds the rest. */
export interface EventContent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: object;
}

/** Adds the fields that EventBridge adds to an event. */
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

/** Formats a time as it appears in events, such as `2021-11-12T00:00:00Z`. */
export const wholeSeconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
