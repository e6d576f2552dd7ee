import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { routes } from '../../../lib/capabilities.ts';
import {
  at,
  type Described,
  document,
  isForBearers,
  operations,
  type Parameter,
  type Schema,
  schemas,
} from '../../support/openapi/description.ts';
import { complaints, complaintsOfClosed, newAjv } from '../../support/openapi/validator.ts';
import { read } from './markdown.ts';

/** Every example in the document, with its schema. */
const examples: readonly (readonly [string, Schema, unknown])[] = operations.flatMap(
  ({ route, parameters, bodies, responses }) => [
    ...parameters.map((one) => [`${route} ${one.name}`, one] as const).flatMap(ofOne),
    ...Object.entries(bodies).flatMap(([type, body]) => ofMany(`${route} ${type}`, body)),
    ...[...responses].flatMap(([status, response]) => ofResponse(`${route} ${status}`, response)),
  ],
);

function ofOne([place, { schema, example }]: readonly [string, Pick<Parameter, 'schema' | 'example'>]) {
  return example === undefined ? [] : [[place, schema, example] as const];
}

function ofMany(place: string, { schema = true, examples: shown = {} }: Described['content'][string]) {
  return Object.entries(shown).map(([name, { value }]) => [`${place} ${name}`, schema, value] as const);
}

function ofResponse(place: string, { headers, content }: Described) {
  return [
    ...Object.entries(headers).flatMap(([name, header]) => ofOne([`${place} ${name}`, header])),
    ...Object.entries(content).flatMap(([type, body]) => ofMany(`${place} ${type}`, body)),
  ];
}

const everySchema: readonly (readonly [string, Schema])[] = [
  ...Object.entries(schemas),
  ...operations.flatMap(({ route, parameters, bodies, responses }) => [
    ...parameters.map(({ name, schema }) => [`${route} ${name}`, schema] as const),
    ...Object.entries(bodies).map(([type, { schema = true }]) => [`${route} ${type}`, schema] as const),
    ...[...responses].flatMap(([status, { headers, content }]) => [
      ...Object.entries(headers).map(([name, { schema }]) => [`${route} ${status} ${name}`, schema] as const),
      ...Object.entries(content).map(
        ([type, { schema = true }]) => [`${route} ${status} ${type}`, schema] as const,
      ),
    ]),
  ]),
];

function references(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === '$ref' && typeof part === 'string' ? [part] : references(part),
  );
}

describe('openapi.yaml', () => {
  test('is valid against the published schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  test('has only internal references, each with a target', () => {
    const all = references(document);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((pointer) => !pointer.startsWith('#/') || at(pointer) === undefined)).toEqual([]);
  });

  test('has no unused component', () => {
    const { schemas: _schemas, ...kinds } = at('#/components') as Record<string, Record<string, unknown>>;
    const kept = Object.entries({ ...kinds, schemas })
      .filter(([kind]) => kind !== 'securitySchemes')
      .flatMap(([kind, components]) => Object.keys(components).map((name) => `#/components/${kind}/${name}`));
    const used = new Set(references(document));
    expect(kept.filter((pointer) => !used.has(pointer))).toEqual([]);
  });

  test('contains only valid JSON Schema 2020-12, without keywords that a strict validator rejects', () => {
    const ajv = newAjv();
    const wrong = everySchema.filter(([, schema]) => ajv.validateSchema(schema) !== true);
    expect(wrong).toEqual([]);
    expect(() => everySchema.map(([, schema]) => complaints(schema, null))).not.toThrow();
  });

  test('gives each operation a unique name, as code generators require', () => {
    const names = operations.filter((one) => !isForBearers(one)).map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([]);
  });

  test('links responses only to existing operations', () => {
    const targets = read('docs/openapi.yaml').match(/(?<=^ {14}operationId: )\w+$/gm) ?? [];
    expect(targets).not.toEqual([]);
    const names = operations.map(({ operationId }) => operationId);
    expect(targets.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('has the same version and license as package.json', () => {
    const { version, license } = JSON.parse(read('package.json')) as Record<string, string>;
    expect(at('#/info')).toMatchObject({ version, license: { identifier: license } });
  });

  test('shows only tokens from the published test vectors', () => {
    const vectors = read('test/vectors/token.json');
    const shown = read('docs/openapi.yaml').match(/tvm_[A-Za-z0-9_-]{20,}/g) ?? [];
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((token) => !vectors.includes(`"${token}"`))).toEqual([]);
  });
});

describe('the examples in openapi.yaml', () => {
  test.each(examples)('%s matches its schema', (_place, schema, value) => {
    expect(complaints(schema, value)).toEqual([]);
    expect(complaintsOfClosed(schema, value)).toEqual([]);
  });

  test("exist for every JSON body and response except API Gateway's responses", () => {
    const without = operations.flatMap(({ route, bodies, responses }) => [
      ...lacking(route, bodies),
      ...[...responses].flatMap(([status, { content }]) => lacking(`${route} ${status}`, content)),
    ]);
    const byGateway = without.filter((place) => / (429|503|4XX|5XX) application\/problem\+json$/.test(place));
    expect(without).toEqual(byGateway);
  });
});

function lacking(place: string, content: Described['content']): readonly string[] {
  return Object.entries(content)
    .filter(([type, { examples: shown = {} }]) => /json$/.test(type) && Object.keys(shown).length === 0)
    .map(([type]) => `${place} ${type}`);
}

describe('the routes in openapi.yaml', () => {
  test('are exactly those of the stack, each with the right authentication', () => {
    const described = operations.map(({ route, security }) => [route, security]);
    const actual = routes.map(({ method, path, auth }) => {
      if (path.startsWith('/oidc/')) return [`${method} ${path}`, [{ bearer: [] }]];
      return [`${method} ${path}`, auth === 'iam' ? [{ signature: [] }] : []];
    });
    expect(described.sort()).toEqual(actual.sort());
  });

  test('describe signatures the way an API Gateway export does', () => {
    expect(at('#/components/securitySchemes/signature')).toMatchObject({
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      'x-amazon-apigateway-authtype': 'awsSigv4',
    });
  });

  test('require every path parameter', () => {
    const described = operations.map(({ route, parameters }) => [
      route,
      parameters.filter(({ in: place, required }) => place === 'path' && required).map(({ name }) => name),
    ]);
    const actual = operations.map(({ route }) => [
      route,
      [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    ]);
    expect(described).toEqual(actual);
  });

  test('have a body if and only if they use POST and their path does not already specify everything', () => {
    const withBody = operations.filter(({ bodies }) => Object.keys(bodies).length > 0);
    const saysEverything = (route: string) => /\}\/(finalize|release|reject|rescan)$/.test(route);
    const posted = operations.filter(({ route }) => route.startsWith('POST ') && !saysEverything(route));
    expect(withBody).toEqual(posted);
  });
});
