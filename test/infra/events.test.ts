import { beforeAll, describe, expect, test } from '@jest/globals';
import { compilePattern } from '../../laptop/src/events/pattern.ts';
import { type StreamRecord, streamRecord, TTL } from '../support/stream-records.ts';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf } from './template.ts';

let template: Template;

beforeAll(() => {
  template = templateOf({ senderEmail: SENDER, events: true });
});

const MAPPINGS = ['IssuedLinks', 'ExpiredLinks', 'EndedLinks', 'NotedLinks', 'DecidedUploads'];

interface Mapping {
  readonly EventSourceArn: string;
  readonly FilterCriteria: { readonly Filters: readonly [{ readonly Pattern: string }] };
}
const mapping = (logicalId: string) =>
  inWords(resource(template, logicalId).Properties) as Mapping & Readonly<Record<string, unknown>>;

/** Returns the event source mappings that deliver this record from the table. */
function deliveredBy(table: string, record: StreamRecord): readonly string[] {
  return MAPPINGS.filter((logicalId) => {
    const { EventSourceArn, FilterCriteria } = mapping(logicalId);
    const [{ Pattern }] = FilterCriteria.Filters;
    return (
      EventSourceArn === `<${table}.StreamArn>` && compilePattern(JSON.parse(Pattern), logicalId)(record)
    );
  });
}

const ROW = { tokenId: 'a' };
const wrote = (before: object | undefined, after: object | undefined, by?: typeof TTL) =>
  streamRecord(
    { table: 'any', before: before && { ...ROW, ...before }, after: after && { ...ROW, ...after } },
    { at: new Date(), sequenceNumber: 1, ...(by && { by }) },
  );

describe('the events function', () => {
  test.each([
    ['a record that is written', 'TokenTable', wrote(undefined, {}), ['IssuedLinks']],
    ['a record that TTL removes', 'TokenTable', wrote({}, undefined, TTL), ['ExpiredLinks']],
    ['a record that a function removes', 'TokenTable', wrote({}, undefined), []],
    ['a receipt of a redemption', 'ReceiptTable', wrote(undefined, { kind: 'redeemed' }), ['EndedLinks']],
    ['a receipt of a revocation', 'ReceiptTable', wrote(undefined, { kind: 'revoked' }), ['EndedLinks']],
    ['a receipt that TTL removes', 'ReceiptTable', wrote({ kind: 'redeemed' }, undefined, TTL), []],
    ['an e-mail in the ledger', 'LedgerTable', wrote(undefined, { event: 'mailed' }), ['NotedLinks']],
    ['a report in the ledger', 'LedgerTable', wrote(undefined, { event: 'reported' }), ['NotedLinks']],
    ['an address in the ledger', 'LedgerTable', wrote(undefined, { event: 'issued' }), []],
    ['an erased entry', 'LedgerTable', wrote({ event: 'mailed' }, { event: 'mailed' }), []],
    [
      'an upload that is parked',
      'UploadTable',
      wrote({ step: { event: 'finalized' } }, { step: { event: 'parked' } }),
      ['DecidedUploads'],
    ],
    ['a new upload', 'UploadTable', wrote(undefined, { step: { event: 'opened' } }), []],
    [
      'an upload that is closed',
      'UploadTable',
      wrote({ step: { event: 'published' } }, { step: { event: 'closed' } }),
      [],
    ],
  ])('gets only changes that are published as events: %s', (_what, table, record, expected) => {
    expect(deliveredBy(table, record)).toEqual(expected);
  });

  test.each(MAPPINGS)('retries each change from %s for 23 hours, and then reports it', (logicalId) => {
    expect(mapping(logicalId)).toMatchObject({
      FunctionName: '<EventsFunction>',
      StartingPosition: 'TRIM_HORIZON',
      // The maximum for one PutEvents call.
      BatchSize: 10,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 82_800,
      DestinationConfig: { OnFailure: { Destination: '<EventFailureQueue.Arn>' } },
    });
    expect(mapping(logicalId)).not.toHaveProperty('MaximumRetryAttempts');
  });

  test('is the only publisher on the bus, which is named after the stack', () => {
    expect(resource(template, 'EventBus').Properties).toMatchObject({ Name: 'TokenVendingMachine' });
    const policies = resourcesOf(template, 'AWS::Events::EventBusPolicy');
    expect(policies.map(([, { Properties }]) => inWords(Properties.Statement))).toEqual([
      {
        Sid: 'cdk-OnlyOurEvents',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'events:PutEvents',
        Resource: '<EventBus.Arn>',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': '<EventsRole.Arn>' } },
      },
    ]);
  });

  test('still reads the tables of links if uploads are off', () => {
    const off = templateOf({ senderEmail: SENDER, events: true, uploads: 'off' });
    const mapped = resourcesOf(off, 'AWS::Lambda::EventSourceMapping').map(([logicalId]) => logicalId);
    expect(mapped.filter((logicalId) => MAPPINGS.includes(logicalId))).toEqual(MAPPINGS.slice(0, 4));
  });
});

test('without events=true, no table has a stream, and there is no bus or function for events', () => {
  const off = templateOf();
  expect(JSON.stringify(off)).not.toMatch(/StreamSpecification|AWS::Events::EventBus|EventsFunction/);
});
