import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { parseAssetName } from '../../../lambda/domain/asset-name.ts';
import { parseTokenId } from '../../../lambda/domain/ids.ts';
import { tokenRequest } from '../../../lambda/handlers/mint.ts';
import { parseEmailAddress } from '../../../lambda/http/address.ts';
import { parseCidr } from '../../../lambda/http/cidr.ts';
import { idempotencyKey } from '../../../lambda/http/idempotency-key.ts';
import { linkPath, linkQuery, linkRequest } from '../../../lambda/http/link-request.ts';
import { formQuery, tokenBody, tokenQuery } from '../../../lambda/http/schemas.ts';
import { operationOf, operations, type Schema, schemas } from '../../support/openapi/description.ts';
import { complaints } from '../../support/openapi/validator.ts';

type Members = Readonly<Record<string, unknown>>;

/** The schemas with which handlers read each route. */
const bodies: Readonly<Record<string, z.ZodMiniType>> = {
  'POST /token': tokenRequest,
  'POST /redeem': tokenBody,
  'POST /redeem/stream': tokenBody,
  'POST /redeem/renew': tokenBody,
  'POST /redeem/report': tokenBody,
  'POST /links': linkRequest,
};

const queries: Readonly<Record<string, z.ZodMiniType>> = {
  'GET /': formQuery,
  'GET /redeem': tokenQuery,
  'GET /download': tokenQuery,
  'GET /download/stream': tokenQuery,
  'GET /links': linkQuery,
  'GET /operator/tokens': linkQuery,
};

const paths: Readonly<Record<string, z.ZodMiniType>> = {
  'GET /links/{tokenId}': linkPath,
  'DELETE /links/{tokenId}': linkPath,
  'GET /operator/tokens/{tokenId}': linkPath,
  'DELETE /operator/tokens/{tokenId}': linkPath,
};

/** Replaces rules that only a parser can check and a schema cannot express. */
const PARSED = 'text that a parser reads';

/** Returns a schema of the code as JSON Schema, without rules between members. */
function actual(schema: z.ZodMiniType): Members {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type !== 'pipe' || def.out._zod.def.type !== 'transform') return;
      Object.assign(jsonSchema, { description: PARSED });
    },
  });
  return json;
}

/** Returns the keywords of a schema that decide what is accepted, with references resolved. */
function plain(schema: unknown): Members {
  const { $ref, description: _, examples: __, ...own } = schema as Members;
  const base = typeof $ref === 'string' ? plain(schemas[$ref.replace('#/components/schemas/', '')]) : {};
  const members = typeof own.properties === 'object' &&
    own.properties !== null && {
      properties: Object.fromEntries(
        Object.entries(own.properties).map(([name, part]) => [name, plain(part)]),
      ),
    };
  return { ...base, ...own, ...members, ...(own.items !== undefined && { items: plain(own.items) }) };
}

/** Keeps only what the code's schema can express, where a parser checks the rest. */
function comparable(described: unknown, code: unknown): unknown {
  const { properties, items, ...rest } = described as Members;
  const { description, properties: codeProperties = {}, items: codeItems } = code as Members;
  if (description === PARSED) return { type: rest.type, description: PARSED };
  return {
    ...rest,
    ...(items !== undefined && { items: comparable(items, codeItems ?? {}) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties as Members).map(([name, part]) => [
          name,
          comparable(part, (codeProperties as Members)[name] ?? {}),
        ]),
      ),
    }),
  };
}

const bodySchema = (route: string): Schema => operationOf(route).bodies['application/json']?.schema ?? true;

/** Returns the parameters of one place as the object that handlers read. */
function asObject(route: string, place: 'query' | 'path'): Members {
  const own = operationOf(route).parameters.filter((parameter) => parameter.in === place);
  const required = own.filter((parameter) => parameter.required).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(own.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
  };
}

describe('the bodies', () => {
  test('are exactly those that handlers read', () => {
    const withBody = operations.filter(({ bodies: described }) => Object.keys(described).length > 0);
    expect(withBody.map(({ route }) => route).sort()).toEqual(Object.keys(bodies).sort());
  });

  test.each(Object.entries(bodies))(
    'of %s have exactly the members that its handler reads',
    (route, schema) => {
      const { dependentSchemas: _, if: __, then: ___, ...described } = plain(bodySchema(route));
      expect(comparable(described, actual(schema))).toEqual(actual(schema));
    },
  );

  test.each(operations)('of $route are the same in JSON and in a form', ({ bodies: described }) => {
    const { 'application/x-www-form-urlencoded': form, 'application/json': json } = described;
    if (form !== undefined) expect(form.schema).toEqual(json?.schema);
  });
});

describe('the parameters', () => {
  test.each(Object.entries(paths))('in the path of %s are those that its handler reads', (route, schema) => {
    const described = { ...asObject(route, 'path'), additionalProperties: false };
    expect(comparable(plain(described), actual(schema))).toEqual(actual(schema));
  });

  test.each(Object.entries(queries))(
    'in the query of %s are those that its handler reads',
    (route, schema) => {
      const { properties, ...rest } = plain(asObject(route, 'query'));
      const { limit: _, ...described } = properties as Members;
      const { additionalProperties: __, ...code } = actual(schema);
      const { limit: ___, ...read } = code.properties as Members;
      expect(comparable({ ...rest, properties: described }, code)).toEqual({ ...code, properties: read });
    },
  );

  test('occur only in queries that a handler reads', () => {
    const asked = operations.filter(({ parameters }) => parameters.some((one) => one.in === 'query'));
    expect(asked.map(({ route }) => route).sort()).toEqual(Object.keys(queries).sort());
  });

  test('state the actual limit and default of a page size', () => {
    const limit = operationOf('GET /links').parameters.find(({ name }) => name === 'limit')?.schema ?? true;
    const texts = [...Array.from({ length: 120 }, (_, number) => String(number)), '-1', '1.5', 'x', ''];
    for (const text of texts) {
      const value = /^\d+$/.test(text) ? Number(text) : text;
      const described = complaints(limit, value).length === 0;
      expect([text, described]).toEqual([text, linkQuery.safeParse({ limit: text }).success]);
    }
    expect(limit).toMatchObject({ default: linkQuery.parse({}).limit });
  });

  test('describe exactly the idempotency keys that are accepted', () => {
    const { parameters } = operationOf('POST /links');
    const key = parameters.find(({ name }) => name === 'Idempotency-Key');
    expect(key?.schema).toEqual(actual(idempotencyKey));
  });
});

describe('a request for links', () => {
  /** Values that are valid or invalid by themselves. The rules judge them together. */
  const member = {
    asset: fc.constantFrom('report.pdf', 'private/a/b.bin', 7, null),
    recipient: fc.constantFrom('ada@example.org', 'ada@bücher.example', 7, ''),
    expiresIn: fc.oneof(fc.constantFrom(59, 60, 61, 34_560_000, 34_560_001, 90.5, '60'), fc.integer()),
    open: fc.constantFrom('confirm', 'direct', 'Direct', true),
    delivery: fc.constantFrom('redirect', 'stream', 'mail'),
    allowedCidrs: fc.oneof(
      fc.integer({ min: 0, max: 18 }).map((length) => Array<string>(length).fill('192.0.2.0/24')),
      fc.constantFrom('192.0.2.0/24', ['2001:db8::/32', 7], null),
    ),
    count: fc.constantFrom(0, 1, 2, 100, 101, 1.5, '1'),
    note: fc.oneof(
      fc.constantFrom('', 'a'.repeat(200), 'a'.repeat(201), 'two\nlines', 'left\u202eright', 7),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    notify: fc.constantFrom('ada@example.org', 7),
    reveal: fc.constantFrom(true, false, 'false'),
    unknown: fc.constant(1),
  };
  const request = fc.record(member, { requiredKeys: [] });
  /** Mostly valid, so that the rules between members matter. */
  const nearlyRight = fc.record(
    {
      asset: fc.constant('report.pdf'),
      recipient: fc.constant('ada@example.org'),
      open: fc.constantFrom('confirm', 'direct'),
      count: fc.constantFrom(1, 2),
      reveal: fc.boolean(),
    },
    { requiredKeys: ['asset'] },
  );

  test('is accepted by the description exactly when the handler accepts it', () => {
    const schema = bodySchema('POST /links');
    fc.assert(
      fc.property(fc.oneof(request, nearlyRight), (body) => {
        expect(complaints(schema, body).length === 0).toBe(linkRequest.safeParse(body).success);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('texts that parsers read', () => {
  const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const describes = (name: string, text: string) => complaints(named(name), text).length === 0;

  test('a token id is described exactly', () => {
    const nearly = fc.string({
      unit: fc.constantFrom(...'0123456789abcdefgA'),
      minLength: 31,
      maxLength: 33,
    });
    fc.assert(
      fc.property(nearly, (text) => {
        expect(describes('TokenId', text)).toBe(parseTokenId(text) !== undefined);
      }),
    );
  });

  const name = fc.string({ unit: 'binary', maxLength: 30 });
  const host = fc.constantFrom('example.org', 'bücher.example', 'a.b.c.example');
  const address = fc.tuple(fc.string({ unit: fc.constantFrom(...'aZ09.!#$%&+-_~'), maxLength: 70 }), host);
  const bytes = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const v4 = fc.tuple(bytes, fc.nat(32)).map(([parts, bits]) => `${parts.join('.')}/${bits}`);
  const v6 = fc.tuple(fc.ipV6(), fc.nat(128)).map(([text, bits]) => `${text}/${bits}`);
  const wholeV6 = fc.array(fc.nat(65_535), { minLength: 8, maxLength: 8 });
  const longV6 = wholeV6.map((parts) => `${parts.map((part) => part.toString(16)).join(':')}/128`);

  test.each([
    ['AssetName', parseAssetName, fc.oneof(name, fc.constantFrom('é'.repeat(500), 'a'.repeat(1000)))],
    ['EmailAddress', parseEmailAddress, address.map((parts) => parts.join('@'))],
    ['Cidr', parseCidr, fc.oneof(v4, v6, longV6, fc.constantFrom('0.0.0.0/0', '::/0'))],
  ] as const)('a %s that the parser reads is never outside its description', (schema, parse, texts) => {
    let read = 0;
    fc.assert(
      fc.property(texts as fc.Arbitrary<string>, (text) => {
        if (parse(text) === undefined) return;
        read += 1;
        expect([text, describes(schema, text)]).toEqual([text, true]);
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(20);
  });
});
