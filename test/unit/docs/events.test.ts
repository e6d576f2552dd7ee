import { describe, expect, test } from '@jest/globals';
import { eventSchemas } from '../../../docs/build/webhooks.ts';
import type { EventType } from '../../../lambda/domain/events/event.ts';
import { complaintsOfEvent } from '../../support/event-schemas.ts';
import { newAjv } from '../../support/openapi/validator.ts';

const TYPES: Readonly<Record<EventType, true>> = {
  'link.issued': true,
  'link.mailed': true,
  'link.mail-failed': true,
  'link.bounced': true,
  'link.redeemed': true,
  'link.reported': true,
  'link.revoked': true,
  'link.expired': true,
  'upload.published': true,
  'upload.rejected': true,
  'upload.parked': true,
};
const schemas = eventSchemas();

describe('the schemas of events', () => {
  test('exist for exactly the types that the domain knows', () => {
    expect(schemas.map(({ title }) => title)).toEqual(Object.keys(TYPES).toSorted());
  });

  test.each(schemas)('$title is a schema that its own example matches strictly', (schema) => {
    expect(newAjv().validateSchema(schema)).toBe(true);
    expect(complaintsOfEvent(schema.examples[0] as { type: string })).toEqual([]);
  });
});
