import { readdirSync, readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { z } from 'zod';

const folder = new URL('../events/', import.meta.url);

/** Quotes all strings, so that no YAML parser reads one as a number or a time. */
const STYLE = {
  lineWidth: 0,
  aliasDuplicateObjects: false,
  defaultStringType: 'QUOTE_SINGLE',
  defaultKeyType: 'PLAIN',
} as const;

const EventSchema = z.looseObject({
  title: z.string(),
  description: z.string(),
  examples: z.tuple([z.unknown()]),
});

/** Returns the schemas of the events' details, sorted by name. */
export function eventSchemas(): readonly z.output<typeof EventSchema>[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.v1.json'))
    .toSorted()
    .map((file) => EventSchema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))));
}

/** Returns the webhooks of the OpenAPI document: the requests that deliver events to HTTPS subscribers. */
export function webhooks(): string {
  const described = eventSchemas().map(
    ({ $schema: _dialect, $id: _id, title, description, examples: [value], ...schema }) => [
      title,
      {
        post: {
          operationId: `on${title.replace(/(?:^|[.-])(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
          summary: description,
          requestBody: {
            required: true,
            content: { 'application/json': { schema, examples: { event: { value } } } },
          },
          responses: {
            '2XX': {
              description:
                'The subscriber has received the event. After any other response, the event is sent again.',
            },
          },
        },
      },
    ],
  );
  return stringify({ webhooks: Object.fromEntries(described) }, STYLE).trimEnd();
}
