import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { parseAssetName } from '../../../lambda/domain/asset-name.ts';
import { parseObjectId, parseTokenId, parseUploadId } from '../../../lambda/domain/ids.ts';
import { tokenRequest } from '../../../lambda/handlers/mint.ts';
import { parseEmailAddress } from '../../../lambda/http/address.ts';
import { parseCidr } from '../../../lambda/http/cidr.ts';
import { idempotencyKey } from '../../../lambda/http/idempotency-key.ts';
import { deliveriesOf, linkPath, linkQuery, linkRequest } from '../../../lambda/http/link-request.ts';
import { fileBody, filePartsBody, formBody, openFileBody } from '../../../lambda/http/link-upload-request.ts';
import {
  challengeQuery,
  formQuery,
  redeemBody,
  tokenBody,
  tokenQuery,
} from '../../../lambda/http/schemas.ts';
import {
  extendRequest,
  inviteRequest,
  uploadLinkPath,
  uploadLinksQuery,
} from '../../../lambda/http/upload-link-request.ts';
import {
  downloadQuery,
  objectPath,
  partsQuery,
  partsRequest,
  uploadPath,
  uploadRequest,
  uploadsQuery,
} from '../../../lambda/http/upload-request.ts';
import { anyCodePoint } from '../../support/code-points.ts';
import {
  isForBearers,
  operationOf,
  operations,
  type Schema,
  schemas,
} from '../../support/openapi/description.ts';
import { complaints } from '../../support/openapi/validator.ts';

/** The schema for the body of `POST /links` if a reverse proxy is configured. */
const LINKS = linkRequest(deliveriesOf('redirect'));

type Members = Readonly<Record<string, unknown>>;

/** The schemas that handlers use to read bodies, keyed by route. */
const bodies: Readonly<Record<string, z.ZodMiniType>> = {
  'POST /token': tokenRequest,
  'POST /redeem': redeemBody,
  'POST /redeem/stream': redeemBody,
  'POST /redeem/watermark': redeemBody,
  'POST /redeem/zip': redeemBody,
  'POST /redeem/renew': tokenBody,
  'POST /redeem/report': tokenBody,
  'POST /links': LINKS,
  'POST /uploads': uploadRequest,
  'POST /uploads/{uploadId}/parts': partsRequest,
  'POST /upload-links': inviteRequest,
  'POST /upload-links/{linkId}/extend': extendRequest,
  'POST /upload/files': tokenBody,
  'POST /upload/open': openFileBody,
  'POST /upload/form': formBody,
  'POST /upload/parts': filePartsBody,
  'POST /upload/remove': fileBody,
  'POST /upload/finalize': fileBody,
  'POST /upload/finish': tokenBody,
};

const queries: Readonly<Record<string, z.ZodMiniType>> = {
  'GET /': formQuery,
  'GET /challenge': challengeQuery,
  'GET /redeem': tokenQuery,
  'GET /collection': tokenQuery,
  'GET /download': tokenQuery,
  'GET /download/stream': tokenQuery,
  'GET /download/watermark': tokenQuery,
  'GET /download/zip': tokenQuery,
  'GET /links': linkQuery,
  'GET /operator/tokens': linkQuery,
  'GET /uploads/{uploadId}/parts': partsQuery,
  'GET /objects/{objectId}/download-url': downloadQuery,
  'GET /operator/uploads': uploadsQuery,
  'GET /upload-links': uploadLinksQuery,
  'GET /upload': tokenQuery,
};

const paths: Readonly<Record<string, z.ZodMiniType>> = {
  'GET /links/{tokenId}': linkPath,
  'DELETE /links/{tokenId}': linkPath,
  'GET /operator/tokens/{tokenId}': linkPath,
  'DELETE /operator/tokens/{tokenId}': linkPath,
  'GET /uploads/{uploadId}': uploadPath,
  'DELETE /uploads/{uploadId}': uploadPath,
  'POST /uploads/{uploadId}/parts': uploadPath,
  'GET /uploads/{uploadId}/parts': uploadPath,
  'POST /uploads/{uploadId}/finalize': uploadPath,
  'GET /objects/{objectId}/download-url': objectPath,
  'GET /operator/uploads/{uploadId}': uploadPath,
  'GET /upload-links/{linkId}': uploadLinkPath,
  'DELETE /upload-links/{linkId}': uploadLinkPath,
  'POST /upload-links/{linkId}/extend': uploadLinkPath,
  'POST /operator/uploads/{uploadId}/release': uploadPath,
  'POST /operator/uploads/{uploadId}/reject': uploadPath,
  'POST /operator/uploads/{uploadId}/rescan': uploadPath,
};

/** All operations except those under /oidc, which repeat the signed ones. */
const distinct = operations.filter((operation) => !isForBearers(operation));

/** Numeric query parameters. The code parses them from strings, so the test compares which strings are accepted. */
const numbers = [
  ['GET /links', 'limit', linkQuery],
  ['GET /operator/uploads', 'limit', uploadsQuery],
  ['GET /upload-links', 'limit', uploadLinksQuery],
  ['GET /objects/{objectId}/download-url', 'expiresIn', downloadQuery],
] as const;

/** Returns the members without the numeric query parameters. */
const withoutNumbers = (members: unknown): Members => {
  const { limit: _, expiresIn: __, ...others } = members as Members;
  return others;
};

/** Placeholder for rules that a parser checks because a schema cannot express them. */
const PARSED = 'text that a parser reads';

/** Returns a schema from the code as JSON Schema, without rules that span members. */
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

/** Returns a schema without its descriptions and examples, and with references resolved. */
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

/** Returns a schema from openapi.yaml without the rules that a parser in the code checks. */
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

/** Returns the query or path parameters of a route as the object that its handler reads. */
function asObject(route: string, place: 'query' | 'path'): Members {
  const own = operationOf(route).parameters.filter((parameter) => parameter.in === place);
  const required = own.filter((parameter) => parameter.required).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(own.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
  };
}

describe('the bodies in openapi.yaml', () => {
  test('are exactly those that handlers read', () => {
    const withBody = distinct.filter(({ bodies: described }) => Object.keys(described).length > 0);
    expect(withBody.map(({ route }) => route).sort()).toEqual(Object.keys(bodies).sort());
  });

  test.each(Object.entries(bodies))(
    'the body of %s has exactly the members that its handler reads',
    (route, schema) => {
      const { dependentSchemas: _, if: __, then: ___, oneOf: ____, ...described } = plain(bodySchema(route));
      expect(comparable(described, actual(schema))).toEqual(actual(schema));
    },
  );

  test.each(operations)('the body of $route is the same in JSON and in a form', ({ bodies: described }) => {
    const { 'application/x-www-form-urlencoded': form, 'application/json': json } = described;
    if (form !== undefined) expect(form.schema).toEqual(json?.schema);
  });
});

describe('the parameters in openapi.yaml', () => {
  test.each(Object.entries(paths))(
    'the path parameters of %s are those that its handler reads',
    (route, schema) => {
      const described = { ...asObject(route, 'path'), additionalProperties: false };
      expect(comparable(plain(described), actual(schema))).toEqual(actual(schema));
    },
  );

  test.each(Object.entries(queries))(
    'the query parameters of %s are those that its handler reads',
    (route, schema) => {
      const { properties, ...rest } = plain(asObject(route, 'query'));
      const described = { ...rest, properties: withoutNumbers(properties) };
      const { additionalProperties: _, ...code } = actual(schema);
      const read = { ...code, properties: withoutNumbers(code.properties) };
      expect(comparable(described, code)).toEqual(read);
    },
  );

  test('query parameters exist exactly where a handler reads a query', () => {
    const asked = distinct.filter(({ parameters }) => parameters.some((one) => one.in === 'query'));
    expect(asked.map(({ route }) => route).sort()).toEqual(Object.keys(queries).sort());
  });

  test.each(numbers)('%s states the actual bounds and default of %s', (route, name, schema) => {
    const number = operationOf(route).parameters.find((one) => one.name === name)?.schema ?? true;
    const texts = [...Array.from({ length: 310 }, (_, value) => String(value)), '-1', '1.5', 'x', ''];
    for (const text of texts) {
      const value = /^\d+$/.test(text) ? Number(text) : text;
      const described = complaints(number, value).length === 0;
      expect([text, described]).toEqual([text, schema.safeParse({ [name]: text }).success]);
    }
    expect(number).toMatchObject({ default: (schema.parse({}) as Members)[name] });
  });

  test('Idempotency-Key has exactly the schema in the code', () => {
    for (const route of ['POST /links', 'POST /uploads']) {
      const key = operationOf(route).parameters.find(({ name }) => name === 'Idempotency-Key');
      expect([route, key?.schema]).toEqual([route, actual(idempotencyKey)]);
    }
  });
});

describe('a request for links', () => {
  /** Valid and invalid values of each member. A combination of valid values can still be invalid. */
  const member = {
    asset: fc.constantFrom('report.pdf', 'private/a/b.bin', 7, null),
    objectId: fc.constantFrom(`d${'0'.repeat(31)}`, `c${'0'.repeat(31)}`, 7),
    recipient: fc.constantFrom('ada@example.org', 'ada@bücher.example', 7, ''),
    recipientName: fc.constantFrom('Ada', '', 'a'.repeat(100), 'a'.repeat(101), 'left\u202eright', 7),
    message: fc.constantFrom('Bitte prüfen', '', 'a'.repeat(500), 'a'.repeat(501), 'two\nlines', 7),
    expiresIn: fc.oneof(fc.constantFrom(59, 60, 61, 34_560_000, 34_560_001, 90.5, '60'), fc.integer()),
    open: fc.constantFrom('confirm', 'direct', 'Direct', true),
    delivery: fc.constantFrom('redirect', 'stream', 'proxy', 'mail'),
    allowedCidrs: fc.oneof(
      fc.integer({ min: 0, max: 18 }).map((length) => Array<string>(length).fill('192.0.2.0/24')),
      fc.constantFrom('192.0.2.0/24', ['2001:db8::/32', 7], null),
    ),
    count: fc.constantFrom(0, 1, 2, 100, 101, 1.5, '1'),
    note: fc.oneof(
      fc.constantFrom('', 'a'.repeat(200), 'a'.repeat(201), 'two\nlines', 'left\u202eright', 7),
      fc.string({ unit: anyCodePoint, maxLength: 20 }),
    ),
    notify: fc.constantFrom('ada@example.org', 7),
    reveal: fc.constantFrom(true, false, 'false'),
    watermark: fc.constantFrom(true, false, 1),
    watermarkName: fc.constantFrom('Ada', '', 'a'.repeat(100), 'a'.repeat(101), 'two\nlines'),
    secondChance: fc.constantFrom(true, false, 'true'),
    unknown: fc.constant(1),
  };
  const request = fc.record(member, { requiredKeys: [] });
  /** Requests whose members are all valid on their own. Only rules that span members can reject them. */
  const nearlyRight = fc.record(
    {
      asset: fc.constant('report.pdf'),
      recipient: fc.constant('ada@example.org'),
      recipientName: fc.constant('Ada'),
      message: fc.constant('Bitte prüfen'),
      open: fc.constantFrom('confirm', 'direct'),
      count: fc.constantFrom(1, 2),
      reveal: fc.boolean(),
    },
    { requiredKeys: ['asset'] },
  );

  test('matches its schema if and only if the handler accepts it', () => {
    const schema = bodySchema('POST /links');
    fc.assert(
      fc.property(fc.oneof(request, nearlyRight), (body) => {
        expect(complaints(schema, body).length === 0).toBe(LINKS.safeParse(body).success);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a request for an upload', () => {
  const sha256 = 'ab'.repeat(32);
  const checksum = fc.constantFrom(
    { sha256 },
    { sha256: sha256.toUpperCase() },
    { crc64nvme: 'rosUhgp5mIg=' },
    { crc64nvme: 'rosUhgp5mIh=' },
    { crc64nvme: 'rosUhgp5mI==' },
  );
  const others = fc.record({
    fileName: fc.oneof(
      fc.string({ unit: anyCodePoint, maxLength: 5 }),
      fc.constantFrom('é'.repeat(127), 'a'.repeat(255)),
    ),
    size: fc.constantFrom(0, 1, 5 * 1024 ** 3, 2 ** 53 - 1, 2 ** 53, 1.5),
    type: fc.constantFrom('application/pdf', 'application/vnd.x+json', 'Text/Plain', 'text/plain; a=b'),
  });
  const request = fc.tuple(others, checksum).map(([rest, one]) => ({ ...rest, ...one }));

  test('matches its schema if the handler accepts it', () => {
    const schema = bodySchema('POST /uploads');
    let read = 0;
    fc.assert(
      fc.property(request, (body) => {
        if (!uploadRequest.safeParse(body).success) return;
        read += 1;
        expect(complaints(schema, body)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(20);
  });

  test.each([{}, { sha256, crc64nvme: 'rosUhgp5mIg=' }])(
    'needs exactly one checksum, not %j',
    (checksums) => {
      const body = { fileName: 'a.pdf', size: 1, type: 'application/pdf', ...checksums };
      expect(complaints(bodySchema('POST /uploads'), body)).not.toEqual([]);
      expect(uploadRequest.safeParse(body).success).toBe(false);
    },
  );
});

describe('the schemas of parsed strings', () => {
  const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const describes = (name: string, text: string) => complaints(named(name), text).length === 0;

  test.each([
    ['TokenId', parseTokenId],
    ['UploadId', parseUploadId],
    ['ObjectId', parseObjectId],
  ] as const)('%s matches exactly the strings that its parser accepts', (schema, parse) => {
    const nearly = fc
      .tuple(
        fc.constantFrom('', 'c', 'd'),
        fc.string({ unit: fc.constantFrom(...'0123456789abcdefgA'), minLength: 30, maxLength: 33 }),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(nearly, (text) => {
        expect(describes(schema, text)).toBe(parse(text) !== undefined);
      }),
    );
  });

  const name = fc.string({ unit: anyCodePoint, maxLength: 30 });
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
  ] as const)('%s matches every string that its parser accepts', (schema, parse, texts) => {
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
