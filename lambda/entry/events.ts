import { DynamoEndings } from '../adapters/dynamo-endings.ts';
import { EventBridgeBus } from '../adapters/event-bridge-bus.ts';
import { JsonService } from '../adapters/json-service.ts';
import { eventsEnvironment } from '../environment/events.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createEventsHandler } from '../handlers/events.ts';
import { caller } from './role-credentials.ts';
import { documentClient, systemClock, telemetry } from './systems.ts';

const environment = parseEnvironment(eventsEnvironment, process.env);
const eventBridge = new JsonService({
  service: 'events',
  url: environment.EVENTS_URL,
  target: 'AWSEvents',
  version: '1.1',
  ...caller(),
});

export const handler = createEventsHandler({
  clock: systemClock,
  bus: new EventBridgeBus(eventBridge, environment.EVENT_BUS),
  endings: new DynamoEndings(documentClient(), environment.RECEIPT_TABLE),
  telemetry: telemetry(),
  tables: {
    tokens: environment.TOKEN_TABLE,
    receipts: environment.RECEIPT_TABLE,
    ledger: environment.LEDGER_TABLE,
    uploads: environment.UPLOAD_TABLE,
  },
});
