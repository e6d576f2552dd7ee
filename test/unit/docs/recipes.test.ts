import { createHmac, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { eventSchemas } from '../../../docs/build/webhooks.ts';
import { compilePattern } from '../../../laptop/src/events/pattern.ts';
import { read } from './markdown.ts';

const Template = z.strictObject({
  AWSTemplateFormatVersion: z.literal('2010-09-09'),
  Description: z.string(),
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.string().optional() })),
  Resources: z.record(
    z.string(),
    z.strictObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) }),
  ),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })),
});
type Template = z.output<typeof Template>;

const FOLDER = 'docs/events/recipes';
const recipes = readdirSync(new URL(`../../../${FOLDER}/`, import.meta.url)).map(
  (name) => [name, Template.parse(parse(read(`${FOLDER}/${name}`)))] as const,
);

/** The CDK's database of resource types. */
const { schema: types } = JSON.parse(
  gunzipSync(readFileSync(new URL('../../../node_modules/aws-cdk/db.json.gz', import.meta.url))).toString(),
) as {
  readonly schema: {
    readonly resource: {
      readonly entities: readonly {
        readonly cloudFormationType: string;
        readonly properties: Readonly<Record<string, { readonly required?: boolean }>>;
        readonly attributes: Readonly<Record<string, unknown>>;
      }[];
    };
  };
};
const typeOf = (name: string) =>
  types.resource.entities.find(({ cloudFormationType }) => cloudFormationType === name);

/** Returns the references in a value that have no target in the template. */
function dangling({ Parameters, Resources }: Template, value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { Ref: ref, 'Fn::GetAtt': attribute } = value as Readonly<Record<string, unknown>>;
  if (typeof ref === 'string') return ref in Parameters || ref in Resources ? [] : [ref];
  if (Array.isArray(attribute)) {
    const [logicalId, name] = attribute as [string, string];
    const type = typeOf(Resources[logicalId]?.Type ?? '');
    return type !== undefined && name in type.attributes ? [] : [attribute.join('.')];
  }
  const functions = Object.keys(value).filter((key) => key.startsWith('Fn::'));
  return [
    ...functions,
    ...Object.values(value).flatMap((part) => dangling({ Parameters, Resources } as Template, part)),
  ];
}

/** Returns an event as EventBridge passes it to rules. */
const enveloped = (detail: unknown) => ({
  source: 'token-vending-machine',
  'detail-type': (detail as { type: string }).type,
  detail,
});

describe.each(recipes)('the recipe %s', (name, template) => {
  const { Parameters, Resources, Outputs } = template;
  const rule = Resources.Rule?.Properties ?? {};

  test('sets only existing properties, and all required ones', () => {
    for (const [logicalId, { Type, Properties }] of Object.entries(Resources)) {
      const known = typeOf(Type)?.properties ?? {};
      const needed = Object.keys(known).filter((property) => known[property]?.required === true);
      expect([logicalId, Object.keys(Properties).filter((property) => !(property in known))]).toEqual([
        logicalId,
        [],
      ]);
      expect([logicalId, needed.filter((property) => !(property in Properties))]).toEqual([logicalId, []]);
    }
  });

  test('has no dangling reference and no unused parameter', () => {
    expect(dangling(template, { Resources, Outputs })).toEqual([]);
    const used = JSON.stringify(Resources);
    expect(Object.keys(Parameters).filter((each) => !used.includes(`{"Ref":"${each}"}`))).toEqual([]);
  });

  test('matches exactly the event types in its parameter, and only from our source', () => {
    const wanted = Parameters.EventTypes?.Default?.split(',') ?? [];
    const pattern = { ...(rule.EventPattern as object), 'detail-type': wanted };
    expect(rule.EventPattern).toMatchObject({ 'detail-type': { Ref: 'EventTypes' } });
    if (name !== 'slack.yaml') expect(wanted).toHaveLength(eventSchemas().length);
    const matches = compilePattern(pattern, name);
    const events = eventSchemas().map(({ examples: [detail] }) => enveloped(detail));
    const matched = events.filter(matches).map((event) => event['detail-type']);
    expect(matched).toEqual(wanted.toSorted());
    expect(events.some((event) => matches({ ...event, source: 'someone-else' }))).toBe(false);
  });

  test('keeps undelivered events in a dead-letter queue for 14 days', () => {
    expect(JSON.stringify(rule.Targets)).toContain('"DeadLetterConfig"');
    expect(Resources.DeadLetterQueue?.Properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400 });
  });

  test('appears in docs/events.md with a command that sets its required parameters', () => {
    const page = read('docs/events.md');
    const [, command = ''] =
      new RegExp(`(aws cloudformation deploy [^\`]*${name}[^\`]*)\``).exec(page.replaceAll('\\\n', ' ')) ??
      [];
    const needed = Object.keys(Parameters).filter((each) => Parameters[each]?.Default === undefined);
    expect(needed.filter((each) => !command.includes(`${each}=`))).toEqual([]);
    const variables = [...command.matchAll(/=\$(\w+)/g)].map(([, variable = '']) => variable);
    expect(variables.filter((variable) => !page.includes(`${variable}=$(`))).toEqual([]);
  });
});

test('the recipe for Slack uses only members that every posted event has', () => {
  const [, slack] = recipes.find(([name]) => name === 'slack.yaml') ?? [];
  const Targets = z.tuple([
    z.looseObject({ InputTransformer: z.looseObject({ InputPathsMap: z.record(z.string(), z.string()) }) }),
  ]);
  const [target] = Targets.parse(slack?.Resources.Rule?.Properties.Targets);
  const members = Object.values(target.InputTransformer.InputPathsMap).map((path) => path.split('.')[2]);
  const posted = slack?.Parameters.EventTypes?.Default?.split(',') ?? [];
  const schemas = eventSchemas().filter(({ title }) => posted.includes(title));
  expect(schemas).toHaveLength(posted.length);
  for (const { required } of schemas) expect(required).toEqual(expect.arrayContaining(members));
});

describe('the function in signed-https.yaml', () => {
  const [, template] = recipes.find(([name]) => name === 'signed-https.yaml') ?? [];

  test('takes two of the concurrent executions of the account at most, however slow the subscriber is', () => {
    expect(template?.Resources.Mapping?.Properties).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  const { ZipFile } = z.object({ ZipFile: z.string() }).parse(template?.Resources.Function?.Properties.Code);
  const key = randomBytes(33);
  const body = JSON.stringify(eventSchemas()[0]?.examples[0]);

  /** Runs the function with one message, responds to its request with `status`, and returns the request. */
  async function post(status: number) {
    const posted: {
      readonly url: string;
      readonly headers: Record<string, string>;
      readonly body: string;
    }[] = [];
    const module = { exports: {} as { handler?: (event: object) => Promise<void> } };
    class SecretsManager {
      readonly getSecretValue = async () => ({ SecretString: key.toString('base64') });
    }
    runInNewContext(ZipFile, {
      exports: module.exports,
      require: (name: string) => (name === 'node:crypto' ? { createHmac } : { SecretsManager }),
      process: { env: { URL: 'https://hooks.example.org/tvm', SECRET_ARN: 'arn' } },
      fetch: async (url: string, init: (typeof posted)[number]) => {
        posted.push({ ...init, url });
        return { ok: status < 300, status };
      },
      Buffer,
      AbortSignal,
    });
    await module.exports.handler?.({ Records: [{ body }] });
    return posted[0];
  }

  test('signs requests as Standard Webhooks specifies', async () => {
    const posted = await post(204);
    const {
      'webhook-id': id = '',
      'webhook-timestamp': at = '',
      'webhook-signature': signature,
    } = posted?.headers ?? {};
    const expected = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
    expect(id).toBe((JSON.parse(body) as { id: string }).id);
    expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(60);
    expect(posted).toMatchObject({ url: 'https://hooks.example.org/tvm', body });
  });

  test('fails if the subscriber rejects the event, so that the event is sent again', async () => {
    await expect(post(503)).rejects.toThrow('503');
  });
});
