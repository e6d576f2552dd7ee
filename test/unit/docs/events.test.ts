import { describe, expect, test } from '@jest/globals';
import { eventSchemas } from '../../../docs/build/webhooks.ts';
import type { EventType } from '../../../lambda/domain/events/event.ts';
import { complaintsOfEvent } from '../../support/event-schemas.ts';
import { newAjv } from '../../support/openapi/validator.ts';
import { read, section, tables } from './markdown.ts';

const TYPES: Readonly<Record<EventType, true>> = {
  'link.issued': true,
  'link.mailed': true,
  'link.mail-failed': true,
  'link.bounced': true,
  'link.redeemed': true,
  'link.reissued': true,
  'link.reported': true,
  'link.revoked': true,
  'link.expired': true,
  'upload.published': true,
  'upload.rejected': true,
  'upload.parked': true,
};
const schemas = eventSchemas();
const page = read('docs/events.md');

describe('the event schemas', () => {
  test("exist for exactly the domain's event types", () => {
    expect(schemas.map(({ title }) => title)).toEqual(Object.keys(TYPES).toSorted());
  });

  test.each(schemas)('$title is a valid schema with an example that strictly matches it', (schema) => {
    expect(newAjv().validateSchema(schema)).toBe(true);
    expect(complaintsOfEvent(schema.examples[0] as { type: string })).toEqual([]);
  });
});

describe('docs/events.md', () => {
  test('lists every event with its schema', () => {
    const [rows = []] = tables(section(page, '## Event types'));
    expect(rows.map(([name, , schema]) => [name, schema]).toSorted()).toEqual(
      schemas.map(({ title }) => [`\`${title}\``, `[schema](events/${title}.v1.json)`]),
    );
  });

  test('shows an event that matches its schema', () => {
    const [, shown = ''] = /```json\n([^`]+)```/.exec(page) ?? [];
    expect(complaintsOfEvent(JSON.parse(shown) as { type: string })).toEqual([]);
  });
});
