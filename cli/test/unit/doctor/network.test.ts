import { describe, expect, test } from '@jest/globals';
import type { Account, EndpointFacts, StatementFacts } from '../../../doctor/account.ts';
import {
  type OutsideView,
  privateApiCheck,
  privateNetworkCheck,
  publicNetworkCheck,
} from '../../../doctor/checks/network.ts';
import type { Check } from '../../../doctor/finding.ts';
import { stackChecks } from '../../../doctor/stack-checks.ts';
import { DEPLOYMENT, WELL } from '../../support/doctor-world.ts';

const LOCK: StatementFacts = {
  effect: 'Deny',
  principals: ['*'],
  actions: ['execute-api:Invoke'],
  conditions: [{ operator: 'StringNotEquals', key: 'aws:sourcevpce', values: ['vpce-api'] }],
};
const FOR_ROLES: StatementFacts = {
  effect: 'Allow',
  principals: ['*'],
  actions: ['kms:GenerateMac'],
  conditions: [{ operator: 'ArnEquals', key: 'aws:principalarn', values: ['arn:aws:iam::1:role/Mint'] }],
};
const ANYTHING: StatementFacts = { effect: 'Allow', principals: ['*'], actions: ['*'], conditions: [] };
const KMS: EndpointFacts = {
  id: 'vpce-kms',
  service: 'com.amazonaws.eu-west-1.kms',
  state: 'available',
  type: 'Interface',
  privateDns: true,
  statements: [FOR_ROLES],
};

const WANTED = { restApiId: 'api', apiEndpointIds: ['vpce-api'], endpointIds: ['vpce-api', 'vpce-kms'] };

const INSIDE: Pick<Account, 'apiAccess' | 'endpoints'> = {
  apiAccess: async () => ({ types: ['PRIVATE'], statements: [LOCK] }),
  endpoints: async () => [KMS],
};

const linesOf = async (check: Check) =>
  (await check.look()).map(({ check: name, mark, found }) => `${mark}: ${name}: ${found}`);

const found = (account: Partial<typeof INSIDE> = {}) =>
  linesOf(privateNetworkCheck({ ...INSIDE, ...account }, WANTED));

describe('the private network check', () => {
  test('passes for a private API behind its endpoint, and for endpoints that are not open to everyone', async () => {
    expect(await found()).toEqual([
      'ok: network: the API is reachable only through vpce-api',
      'ok: endpoints: 1 available, none open to everyone',
    ]);
  });

  test.each<[string, readonly string[], readonly StatementFacts[], string]>([
    ['a public API', ['REGIONAL'], [LOCK], 'the API is REGIONAL, but should be PRIVATE'],
    ['a missing deny statement', ['PRIVATE'], [ANYTHING], 'the API is reachable through any endpoint'],
    [
      'an endpoint outside the stack',
      ['PRIVATE'],
      [{ ...LOCK, conditions: LOCK.conditions.map((one) => ({ ...one, values: ['vpce-other'] })) }],
      'the API is also reachable through vpce-other',
    ],
  ])('reports %s', async (_what, types, statements, line) => {
    const apiAccess = async () => ({ types, statements });
    expect((await found({ apiAccess }))[0]).toBe(`problem: network: ${line}`);
  });

  test.each<[string, Partial<EndpointFacts>, string]>([
    [
      'an endpoint that is still being created',
      { state: 'pending' },
      'problem: endpoints: kms (vpce-kms) is pending',
    ],
    [
      'an endpoint that functions cannot find',
      { privateDns: false },
      'problem: endpoints: kms (vpce-kms) has no private DNS, so the DNS name of the service does not resolve to it',
    ],
    [
      'an endpoint with the default policy',
      { statements: [ANYTHING] },
      'warning: endpoints: kms (vpce-kms) lets everyone call everything',
    ],
  ])('reports %s', async (_what, facts, line) => {
    expect((await found({ endpoints: async () => [{ ...KMS, ...facts }] }))[1]).toBe(line);
  });

  test('does not require private DNS for gateway endpoints or the interface endpoint of S3', async () => {
    const others = [
      { ...KMS, privateDns: false, type: 'Gateway', service: 'com.amazonaws.eu-west-1.dynamodb' },
      { ...KMS, privateDns: false, service: 'com.amazonaws.eu-west-1.s3' },
    ];
    expect((await found({ endpoints: async () => others }))[1]).toBe(
      'ok: endpoints: 2 available, none open to everyone',
    );
  });
});

describe('the private API check', () => {
  const seen = (view: OutsideView, response?: { readonly status: number }) =>
    linesOf(
      privateApiCheck(
        async () => response,
        async () => view,
      ),
    );

  test.each<[string, OutsideView]>([
    ['does not resolve', { addresses: [], status: undefined }],
    ['does not respond', { addresses: ['203.0.113.7'], status: undefined }],
    ['responds with 403', { addresses: ['203.0.113.7', '2001:db8::7'], status: 403 }],
  ])('concludes that the API cannot be called from outside if it %s', async (_how, view) => {
    expect(await seen(view)).toEqual([
      'skipped: API: is private. Run this command inside the network as well',
      'ok: API outside: cannot be called from here',
    ]);
  });

  test('reports an API that responds outside the network', async () => {
    expect(await seen({ addresses: ['203.0.113.7'], status: 200 })).toContain(
      'problem: API outside: responds with status 200 outside the network',
    );
  });

  test.each(['10.1.2.3', '172.31.0.1', '192.168.1.1', '100.64.0.1', 'fd00::1'])(
    'concludes from the address %s that it runs inside the network, and calls the API',
    async (address) => {
      const view = { addresses: [address], status: 200 };
      expect((await seen(view, { status: 200 }))[0]).toBe(
        'ok: API: responds inside the network, and lets you list links',
      );
      expect((await seen(view, { status: 403 }))[0]).toBe(
        'problem: API: responds with status 403 inside the network',
      );
      expect((await seen(view))[0]).toBe('problem: API: does not respond inside the network');
    },
  );
});

describe('a public deployment', () => {
  test('has no findings about its network', async () => {
    expect(await linesOf(publicNetworkCheck(WELL, 'api'))).toEqual([]);
  });

  test('has a problem if the API still has the policy of a private network', async () => {
    const apiAccess = async () => ({ types: ['REGIONAL'], statements: [LOCK] });
    expect(await linesOf(publicNetworkCheck({ apiAccess }, 'api'))).toEqual([
      'problem: network: the API still has the policy of a private network, and denies everyone access',
    ]);
  });
});

test('a private deployment is recognized by its outputs', async () => {
  const asked: (readonly string[])[] = [];
  const endpoints = async (ids: readonly string[]) => {
    asked.push(ids);
    return [KMS];
  };
  const deployment = { ...DEPLOYMENT, apiEndpointIds: 'vpce-api', endpointIds: 'vpce-api,vpce-kms' };
  const look = async () => ({ addresses: [], status: undefined });
  const checks = stackChecks({ ...WELL, ...INSIDE, endpoints }, deployment, {
    probe: async () => undefined,
    look,
  });
  const network = checks.find(({ name }) => name === 'network');
  expect(network && (await linesOf(network))).toContain(
    'ok: network: the API is reachable only through vpce-api',
  );
  expect(asked).toEqual([['vpce-api', 'vpce-kms']]);
});
