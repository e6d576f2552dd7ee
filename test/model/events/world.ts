import { DynamoEndings } from '../../../lambda/adapters/dynamo-endings.ts';
import { DynamoTokenStore } from '../../../lambda/adapters/dynamo-token-store.ts';
import { EventBridgeBus } from '../../../lambda/adapters/event-bridge-bus.ts';
import type { Event } from '../../../lambda/domain/events/event.ts';
import { createEventsHandler } from '../../../lambda/handlers/events.ts';
import { type AppliedWrite, documentClient, MemoryTables } from '../../support/dynamo/memory-tables.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryTelemetry } from '../../support/memory-telemetry.ts';
import { type StreamRecord, streamRecord, type TTL } from '../../support/stream-records.ts';
import type { Choices } from '../choices.ts';
import type { TraceLine } from '../stage.ts';
import { type Rule, Violation } from '../violation.ts';
import { Mapping } from './mapping.ts';

/** The fate of a call that the events function makes. */
type Fate = 'done' | 'request-lost' | 'response-lost' | 'killed';

const FATES: readonly (readonly [weight: number, fate: Fate])[] = [
  [12, 'done'],
  [2, 'request-lost'],
  [2, 'response-lost'],
  [2, 'killed'],
];

/** A promise that never settles, like a killed function's call. */
const NEVER = new Promise<never>(() => undefined);

/** The tables and their streams, the function that reads the streams, and the event bus. */
export class EventWorld {
  readonly choices: Choices;
  readonly time = new ManualClock(new Date('2031-05-17T10:20:30Z'));
  readonly tables = new MemoryTables({ tokens: 'tokenId', receipts: 'tokenId' });
  readonly store: DynamoTokenStore;
  readonly telemetry = new MemoryTelemetry();
  readonly trace: TraceLine[] = [];
  readonly tally = new Map<string, number>();
  /** Everything that the bus has accepted, in order. */
  readonly published: Event[] = [];
  readonly mappings: readonly Mapping[];
  /** Runs before each call, as if other functions ran at the same time. */
  meanwhile: () => Promise<void> = async () => undefined;
  isCalm = false;
  violation: Violation | undefined;
  #written = 0;

  constructor(choices: Choices) {
    this.choices = choices;
    const client = documentClient(async (command) =>
      this.tables.execute(command, (write) => this.written(write)),
    );
    this.store = new DynamoTokenStore(client, { tokenTable: 'tokens', receiptTable: 'receipts' });
    // The same mappings as in lib/capabilities/events.ts. Expiries have to wait, so their own mapping keeps them from
    // delaying other events.
    this.mappings = [
      new Mapping('issued', ({ table, eventName }) => table === 'tokens' && eventName === 'INSERT'),
      new Mapping('expired', ({ table, userIdentity }) => table === 'tokens' && userIdentity !== undefined),
      new Mapping('ended', ({ table, eventName }) => table === 'receipts' && eventName === 'INSERT'),
      new Mapping('noted', ({ table, eventName }) => table === 'ledger' && eventName === 'INSERT'),
    ];
  }

  note(what: string): void {
    this.trace.push({ at: this.time.read(), what });
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  /** Records a violation of a rule. Only the first violation is kept. */
  violate(rule: Rule, detail: string): void {
    this.violation ??= new Violation(rule, detail);
  }

  /** Adds a write to the stream of its table. */
  written(write: Pick<AppliedWrite, 'table' | 'before' | 'after'>, by?: typeof TTL): void {
    this.#written += 1;
    const record = streamRecord(write, {
      at: this.time.read(),
      sequenceNumber: this.#written,
      ...(by && { by }),
    });
    for (const mapping of this.mappings) mapping.offer(write.table, record);
  }

  /** Invokes the function with a batch. @returns the failures that it reports, or `undefined` if it was killed */
  async invoke(Records: readonly StreamRecord[]): Promise<readonly string[] | undefined> {
    const killed = Promise.withResolvers<undefined>();
    const surround = <Value>(label: string, call: () => Promise<Value>) =>
      this.#surrounded(label, call, () => killed.resolve(undefined));
    const endings = documentClient((command) =>
      surround('GetItem receipts', async () => this.tables.execute(command)),
    );
    const bridge = {
      call: (_: string, input: object) => surround('PutEvents', async () => this.#put(input)),
    };
    const handler = createEventsHandler({
      clock: this.time.read,
      bus: new EventBridgeBus(bridge, 'bus'),
      endings: new DynamoEndings(endings, 'receipts'),
      telemetry: this.telemetry,
      tables: { tokens: 'tokens', receipts: 'receipts', ledger: 'ledger', uploads: undefined },
    });
    const response = await Promise.race([handler({ Records }), killed.promise]);
    return response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  }

  async #surrounded<Value>(label: string, call: () => Promise<Value>, kill: () => void): Promise<Value> {
    if (!this.isCalm) await this.meanwhile();
    const fate = this.isCalm ? 'done' : this.choices.weighted(FATES);
    if (fate !== 'done') this.note(`${label}: ${fate}`);
    this.count(fate);
    if (fate === 'killed') {
      // The function is killed before the call, or before it gets the response.
      if (this.choices.chance(0.5)) await call();
      kill();
      return await NEVER;
    }
    const lost = Object.assign(new Error(`no response to ${label}`), { name: 'TimeoutError', $metadata: {} });
    if (fate === 'request-lost') throw lost;
    const response = await call();
    if (fate === 'response-lost') throw lost;
    return response;
  }

  /** Accepts all or only some of the entries of a call. */
  #put(input: object) {
    const { Entries } = input as { readonly Entries: readonly { readonly Detail: string }[] };
    const isPicky = !this.isCalm && this.choices.chance(0.3);
    return {
      Entries: Entries.map(({ Detail }) => {
        if (isPicky && this.choices.chance(0.3)) {
          this.count('entry refused');
          return { ErrorCode: 'InternalFailure' };
        }
        this.published.push(JSON.parse(Detail) as Event);
        return { EventId: 'e' };
      }),
    };
  }
}
