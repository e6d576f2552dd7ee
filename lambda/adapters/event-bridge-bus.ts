import type { Event } from '../domain/events/event.ts';
import type { EventBus } from '../domain/events/tell-changes.ts';
import type { JsonService } from './json-service.ts';
import { callService } from './service-fault.ts';

const SOURCE = 'token-vending-machine';

/**
 * Publishes events to an Amazon EventBridge bus. A call can succeed for some of its entries and fail for others.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export class EventBridgeBus implements EventBus {
  readonly #eventBridge: Pick<JsonService, 'call'>;
  readonly #name: string;

  constructor(eventBridge: Pick<JsonService, 'call'>, name: string) {
    this.#eventBridge = eventBridge;
    this.#name = name;
  }

  async publish(events: readonly Event[]): Promise<number> {
    const Entries = events.map((event) => ({
      EventBusName: this.#name,
      Source: SOURCE,
      DetailType: event.type,
      Time: Date.parse(event.at) / 1000,
      Detail: JSON.stringify(event),
    }));
    const response = await callService('event bus', () => this.#eventBridge.call('PutEvents', { Entries }));
    // Entries for refused events have an `ErrorCode` instead.
    const entries: readonly { readonly EventId?: string }[] = Array.isArray(response.Entries)
      ? response.Entries
      : [];
    const refused = entries.findIndex(({ EventId }) => EventId === undefined);
    return refused < 0 ? entries.length : refused;
  }
}
