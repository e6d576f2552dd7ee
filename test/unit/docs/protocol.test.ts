import { expect, test } from '@jest/globals';
import { problemOf } from '../../../lambda/http/problem.ts';
import { routes } from '../../../lib/capabilities.ts';
import { refusals } from '../../support/refusals.ts';
import { gatewayResponses } from './gateway-responses.ts';
import { plain, read, section, tables } from './markdown.ts';

const page = read('docs/protocol.md');
const [ours = [], gateways = []] = tables(section(page, '## Problems'));

/** All routes except those under /oidc, which repeat the signed ones. */
const distinct = routes.filter(({ path }) => !path.startsWith('/oidc/'));

type Vector = Readonly<Record<string, string | number>>;

/** Formats vectors as the page does: one line per field, names padded to ten columns, an empty line between vectors. */
const written = (vectors: readonly Vector[]): string =>
  vectors
    .map((vector) =>
      Object.entries(vector)
        .map(([name, value]) => `${name.padEnd(10)}${value}\n`)
        .join(''),
    )
    .join('\n');

test('docs/protocol.md shows exactly the published test vectors', () => {
  const { valid, refused } = JSON.parse(read('test/vectors/token.json')) as Record<string, Vector[]>;
  const blocks = section(page, '### Test vectors').matchAll(/```text\n([\s\S]*?)```/g);
  const [shownValid, shownRefused] = [...blocks].map(([, block]) => block);

  expect(shownValid).toBe(written(valid ?? []));
  // The page states the key once, because all refused vectors share it.
  expect(new Set(refused?.map(({ key }) => key))).toEqual(new Set([valid?.[0]?.key]));
  expect(shownRefused).toBe(written((refused ?? []).map(({ key, ...vector }) => vector)));
});

test('docs/protocol.md lists exactly our routes, with their functions, callers, and throttles', () => {
  const [documented = []] = tables(section(page, '## HTTP'));
  const callers = { none: 'anyone', iam: 'signed' } as const;
  const actual = distinct.map(({ method, path, function: name, auth, throttle: { rate, burst } }) => [
    `\`${method} ${path}\``,
    `\`${name}\``,
    callers[auth],
    `${rate}, ${burst}`,
  ]);

  expect(documented.map((row) => row.slice(0, 4)).sort()).toEqual(actual.sort());
});

test('each route under /oidc repeats a signed route, as stated in docs/protocol.md', () => {
  const facts = ({ method, path, function: name, throttle }: (typeof routes)[number]) => [
    `${method} ${path.replace('/oidc', '')}`,
    name,
    throttle,
  ];
  const forBearers = routes.filter((route) => !distinct.includes(route)).map(facts);
  const forTenants = routes.filter(
    ({ path, auth }) => auth === 'iam' && /^\/(uploads|objects|upload-links)/.test(path),
  );

  expect(forBearers.sort()).toEqual(forTenants.map(facts).sort());
});

test('docs/protocol.md describes each route that is not self-explanatory', () => {
  const headings = [...section(page, '## HTTP').matchAll(/^### `([^`?]+)/gm)].map(([, route]) => route);
  const selfExplanatory = distinct
    .map(({ method, path }) => `${method} ${path}`)
    .filter(
      (route) => route === 'HEAD /redeem' || route === 'HEAD /collection' || route.includes('/operator/'),
    );

  const actual = distinct.map(({ method, path }) => `${method} ${path}`);
  expect(headings.sort()).toEqual(actual.filter((route) => !selfExplanatory.includes(route)).sort());
});

test('docs/protocol.md lists exactly our problems, with their statuses and titles', () => {
  const documented = ours.map(([code, status, title]) => [plain(code), Number(status), title]);
  const actual = Object.values(refusals).map((refusal) => {
    const { code, status, title } = problemOf(refusal);
    return [code, status, title];
  });

  expect(documented.sort()).toEqual(actual.sort());
});

test.each(Object.values(refusals))('docs/protocol.md names the additional members of $code', (refusal) => {
  const { type, title, status, code, ...members } = problemOf(refusal);
  const carried = [...Object.keys(members), ...('retryAfterSeconds' in refusal ? ['Retry-After'] : [])];
  const meaning = ours.find((row) => plain(row[0]) === code)?.[3] ?? '';

  const all = ['field', 'attemptsLeft', 'address', 'redeemedAt', 'revokedAt', 'expiredAt', 'Retry-After'];
  expect(all.filter((member) => meaning.includes(`\`${member}\``))).toEqual(carried);
});

test('docs/protocol.md lists exactly the responses that API Gateway sends on its own', () => {
  const actual = gatewayResponses.map((response) => {
    const { ResponseType: type, StatusCode, ResponseParameters: headers } = response;
    const { code } = JSON.parse(response.ResponseTemplates['application/json']) as { code: string };
    const retryAfter = headers['gatewayresponse.header.Retry-After'];
    return [
      type,
      retryAfter?.replaceAll("'", ''),
      code,
      StatusCode ?? type.replace('DEFAULT_', '').toLowerCase(),
    ];
  });

  const documented = gateways.map(([type, when = '', code, status]) => [
    plain(type),
    /`Retry-After: (\d+)`/.exec(when)?.[1],
    plain(code),
    status,
  ]);
  expect(documented.sort()).toEqual(actual.sort());
});
