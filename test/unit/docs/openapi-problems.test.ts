import { describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import type { Field } from '../../../lambda/domain/errors.ts';
import { check } from '../../../lambda/http/check.ts';
import { problemOf } from '../../../lambda/http/problem.ts';
import { codesIn, operations, type Schema, schemas } from '../../support/openapi/description.ts';
import { complaints, complaintsOfClosed } from '../../support/openapi/validator.ts';
import { refusals } from '../../support/refusals.ts';
import { gatewayResponses } from './gateway-responses.ts';

/** Every field that a refusal can name: a whole body, query, or header, or a part of one. The compiler reports gaps. */
const fields: Readonly<Record<Field, 'part' | 'whole'>> = {
  body: 'whole',
  query: 'whole',
  'Idempotency-Key': 'whole',
  email: 'part',
  asset: 'part',
  token: 'part',
  expiresIn: 'part',
  open: 'part',
  delivery: 'part',
  allowedCidrs: 'part',
  recipient: 'part',
  recipientName: 'part',
  message: 'part',
  count: 'part',
  note: 'part',
  notify: 'part',
  reveal: 'part',
  tokenId: 'part',
  limit: 'part',
  cursor: 'part',
  fileName: 'part',
  size: 'part',
  type: 'part',
  sha256: 'part',
  crc64nvme: 'part',
  partNumbers: 'part',
  uploadId: 'part',
  objectId: 'part',
  state: 'part',
  for: 'part',
  to: 'part',
  files: 'part',
  maxBytes: 'part',
  types: 'part',
  linkId: 'part',
  assets: 'part',
  watermark: 'part',
  watermarkName: 'part',
  secondChance: 'part',
  proof: 'part',
  code: 'part',
  presenceCode: 'part',
};

const GATEWAY_ONLY = ['access_denied', 'invalid_signature', 'expired_credentials'];

/** The problems that API Gateway sends on its own. */
const gatewayProblems = gatewayResponses.map(
  ({ ResponseTemplates }) => JSON.parse(ResponseTemplates['application/json']) as GatewayDocument,
);

interface GatewayDocument {
  readonly code: string;
  readonly title: string;
  readonly status?: number;
}

/** The schemas of problems, keyed by code. */
const described = Object.fromEntries(Object.entries(schemas).filter(([name]) => /^[a-z_]+$/.test(name)));

type ProblemSchema = {
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const schemaOf = (code: string) => described[code] as unknown as ProblemSchema;

const titlesOf = (code: string) => (schemaOf(code).properties.title?.examples ?? []) as readonly string[];

const statusesOf = (code: string): readonly unknown[] => {
  const { status = {} } = schemaOf(code).properties;
  return 'const' in status ? [status.const] : (status.enum as readonly unknown[]);
};

describe('the problems in openapi.yaml', () => {
  test('are exactly those in our error table and those that API Gateway sends', () => {
    const actual = new Set([...Object.keys(refusals), ...gatewayProblems.map(({ code }) => code)]);
    expect(Object.keys(described).sort()).toEqual([...actual].sort());
  });

  test.each(Object.values(refusals))('$code has the status, title, and members in the error table', (one) => {
    const problem = problemOf(one);
    const { type: _type, title, status, code, ...members } = problem;
    const schema = { $ref: `#/components/schemas/${code}` };
    expect(complaints(schema, problem)).toEqual([]);
    expect(complaintsOfClosed(schema, problem)).toEqual([]);
    expect(schemaOf(code).required ?? []).toEqual(Object.keys(members));
    // For the owner of a link, an ended link is a conflict. No other problem has two statuses.
    const isEnd = code === 'token_redeemed' || code === 'token_revoked';
    expect(statusesOf(code)).toEqual(isEnd ? [status, 409] : [status]);
    expect(titlesOf(code)).toContain(title);
  });

  test('have the statuses and titles in the template if they come from API Gateway', () => {
    for (const { code, title, status } of gatewayProblems) {
      expect([code, titlesOf(code)]).toEqual([code, expect.arrayContaining([title])]);
      if (status !== undefined) expect([code, statusesOf(code)]).toEqual([code, [status]]);
    }
  });

  test('have only titles that are actually sent', () => {
    const said = [...Object.values(refusals).map((one) => problemOf(one)), ...gatewayProblems].map(
      ({ code, title }) => `${code}: ${title}`,
    );
    const shown = Object.keys(described).flatMap((code) =>
      titlesOf(code).map((title) => `${code}: ${title}`),
    );
    expect([...new Set(said)].sort()).toEqual(shown.sort());
  });

  test("include a GatewayProblem schema that lists exactly API Gateway's codes", () => {
    const { enum: codes } = (schemas.GatewayProblem as unknown as ProblemSchema).properties.code ?? {};
    expect([...(codes as string[])].sort()).toEqual(
      [...new Set(gatewayProblems.map(({ code }) => code))].sort(),
    );
  });

  test('are listed under their status on every route', () => {
    for (const { route, responses } of operations) {
      for (const [status, { content }] of responses) {
        const codes = codesIn(content['application/problem+json']?.schema);
        const elsewhere = codes.filter((code) => !statusesOfAny(code).includes(Number(status)));
        expect([route, status, /XX$/.test(status) ? [] : elsewhere]).toEqual([route, status, []]);
      }
    }
  });

  test('about signatures are listed on exactly the signed routes', () => {
    for (const { route, security, responses } of operations) {
      const codes = codesIn(responses.get('403')?.content['application/problem+json']?.schema);
      const expected = security.some((one) => 'signature' in one) ? GATEWAY_ONLY : [];
      expect([route, codes.filter((code) => GATEWAY_ONLY.includes(code))]).toEqual([route, expected]);
    }
  });
});

const statusesOfAny = (code: string) => (code in described ? statusesOf(code) : []);

describe('the fields of an invalid request', () => {
  const { enum: shown } = schemaOf('invalid_request').properties.field ?? {};

  test('are exactly those that a refusal can name', () => {
    expect([...(shown as string[])].sort()).toEqual(Object.keys(fields).sort());
  });

  test.each(Object.entries(fields))('an error for an invalid %s names it or the body (%s)', (field, kind) => {
    // `check` names only parts. For anything else, it names the whole that it was given: here, the body.
    const whole = 'body';
    const refused = check(z.object({ [field]: z.number() }), {}, whole);
    const expected = kind === 'part' ? field : whole;
    expect(refused).toEqual({ ok: false, error: { code: 'invalid_request', field: expected } });
  });

  test.each(operations)(
    'on $route are its parameters and the members of its body',
    ({ route, parameters, bodies, responses }) => {
      const own = [
        ...parameters
          .filter(({ in: place, name }) => place !== 'header' && !(place === 'path' && isHidden(name)))
          .map(({ name }) => name),
        ...Object.values(bodies).flatMap(({ schema }) => Object.keys(membersOf(schema))),
        ...parameters.filter(({ name }) => name === 'Idempotency-Key').map(({ name }) => name),
        ...(Object.keys(bodies).length > 0 ? ['body'] : []),
        ...(parameters.some(({ name }) => name === 'cursor') || /download-url$/.test(route) ? ['query'] : []),
        // An upload that is not sent in parts gets an error that names this field.
        ...(/parts$/.test(route) ? ['uploadId'] : []),
      ];
      const named = fieldsIn(responses.get('400')?.content['application/problem+json']?.schema);
      expect([...named].sort()).toEqual([...new Set(own)].sort());
    },
  );
});

/** Returns whether an invalid path parameter gets the same response as an unknown ID. */
const isHidden = (name: string): boolean => ['uploadId', 'objectId', 'linkId'].includes(name);

function membersOf(schema: Schema | undefined): object {
  const name = String((schema as { readonly $ref?: string }).$ref).replace('#/components/schemas/', '');
  return schemas[name]?.properties as object;
}

function fieldsIn(schema: Schema | undefined): readonly string[] {
  const { oneOf = [schema] } = (schema ?? {}) as { readonly oneOf?: readonly unknown[] };
  return oneOf.flatMap((one) => {
    const { properties } = (one ?? {}) as { readonly properties?: { readonly field: { enum: string[] } } };
    return properties?.field.enum ?? [];
  });
}
