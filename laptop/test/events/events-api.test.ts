import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessRequest, Authorize } from '../../src/access.ts';
import { allowAll } from '../../src/access.ts';
import { openAccessKeys } from '../../src/access-keys.ts';
import type { PutEventResult } from '../../src/events/event-bus.ts';
import { startEventsApi } from '../../src/events/events-api.ts';
import { afterwards } from '../support/afterwards.ts';
import { denialOf } from '../support/denial.ts';

const HOME = { region: 'us-east-1', accountId: '000000000000' };
const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus';

const undoing = afterwards();
let client: EventBridgeClient;
let authorize: Authorize;
let authorizations: AccessRequest[];
let put: unknown[];
let result: PutEventResult;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'));
  undoing(() => rmSync(folder, { recursive: true }));
  const keys = openAccessKeys(join(folder, 'keys.json'), HOME.accountId);
  [authorize, authorizations, put, result] = [allowAll, [], [], { eventId: 'one' }];
  const service = await startEventsApi(
    {
      port: 0,
      place: HOME,
      putEvent: (event) => {
        put.push(event);
        return result;
      },
    },
    {
      credentials: keys.lookup,
      clock: () => new Date(),
      authorize: (request) => {
        authorizations.push(request);
        return authorize(request);
      },
    },
  );
  undoing(service.close);
  client = new EventBridgeClient({
    endpoint: service.url,
    region: HOME.region,
    credentials: keys.keyOf('user', 'operator'),
    maxAttempts: 1,
  });
  undoing(() => client.destroy());
});

const ENTRY = { Source: 'my.app', DetailType: 'Made', Detail: '{"id":1}', EventBusName: 'own' };

describe('PutEvents', () => {
  test('puts an entry, with its time, on the bus that it names', async () => {
    const Time = new Date('2026-03-01T12:00:00Z');
    const response = await client.send(
      new PutEventsCommand({ Entries: [{ ...ENTRY, Time, Resources: ['arn:a'] }] }),
    );
    expect(response).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: 'one' }] });
    expect(put).toEqual([
      {
        bus: 'own',
        source: 'my.app',
        'detail-type': 'Made',
        detail: { id: 1 },
        resources: ['arn:a'],
        at: Time,
      },
    ]);
  });

  test('accepts the ARN of a bus, and uses the default bus if none is given', async () => {
    const { EventBusName: _, ...plain } = ENTRY;
    await client.send(new PutEventsCommand({ Entries: [{ ...ENTRY, EventBusName: `${BUS}/own` }, plain] }));
    expect(put).toMatchObject([{ bus: 'own' }, { bus: 'default' }]);
  });

  test('reports invalid entries, and puts the valid ones', async () => {
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({
        Entries: [ENTRY, { ...ENTRY, Detail: 'text' }, { ...ENTRY, Detail: '[1]' }, { ...ENTRY, Source: '' }],
      }),
    );
    expect([FailedEntryCount, Entries, put.length]).toEqual([
      3,
      [
        { EventId: 'one' },
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
        {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: 'Parameter Source is not valid. Reason: Source is a required argument.',
        },
      ],
      1,
    ]);
  });

  test('reports an entry that the bus rejects', async () => {
    result = { errorCode: 'NotAuthorizedForSourceException', errorMessage: 'no' };
    const response = await client.send(new PutEventsCommand({ Entries: [ENTRY] }));
    expect(response).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'no' }],
    });
  });

  test('rejects more than ten entries', async () => {
    const command = new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => ENTRY) });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(put).toEqual([]);
  });

  test("requires permission for each entry's bus, with the entry's source and type as condition keys", async () => {
    await client.send(new PutEventsCommand({ Entries: [ENTRY, { ...ENTRY, EventBusName: 'other' }] }));
    const conditions = { 'events:source': ['my.app'], 'events:detail-type': ['Made'] };
    expect(authorizations).toMatchObject([
      { action: 'events:PutEvents', resource: `${BUS}/own`, conditions },
      { action: 'events:PutEvents', resource: `${BUS}/other`, conditions },
    ]);
  });

  test('puts no entries if the caller lacks permission for one of them', async () => {
    authorize = async (request) =>
      request.resource === `${BUS}/other` ? denialOf(request) : allowAll(request);
    const command = new PutEventsCommand({ Entries: [ENTRY, { ...ENTRY, EventBusName: 'other' }] });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(put).toEqual([]);
  });

  test('requires the service name AWSEvents in X-Amz-Target', async () => {
    client.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, { 'x-amz-target': 'Events.PutEvents' });
        return next(args);
      },
      { step: 'build' },
    );
    await expect(client.send(new PutEventsCommand({ Entries: [ENTRY] }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    expect(put).toEqual([]);
  });

  test('is the only supported operation', async () => {
    await expect(client.send(new ListRulesCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});
