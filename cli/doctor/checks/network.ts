import type { Account, ApiAccessFacts, EndpointFacts, StatementFacts } from '../account.ts';
import { type Check, type Finding, fine, problem, REVERT_DRIFT, skipped, warning } from '../finding.ts';
import type { ApiProbe } from './api.ts';

/** The results of a DNS lookup and an unsigned request from this computer. */
export interface OutsideView {
  /** The addresses that the API's host name resolves to. Empty if it does not resolve. */
  readonly addresses: readonly string[];
  /** `undefined` if no response arrives. */
  readonly status: number | undefined;
}

/** The API and the endpoints that the network checks examine. */
export interface WantedNetwork {
  readonly restApiId: string;
  /** The only endpoints through which a private API should be reachable. */
  readonly apiEndpointIds: readonly string[];
  readonly endpointIds: readonly string[];
}

const PAGE = 'See docs/networks/private.md.';

/** Checks that the API of a public deployment no longer has the policy of a private network. */
export function publicNetworkCheck(account: Pick<Account, 'apiAccess'>, restApiId: string): Check {
  return {
    name: 'network',
    permissions: ['apigateway:GET'],
    look: async () => {
      const { statements } = await account.apiAccess(restApiId);
      return statements.some(isLock)
        ? [
            problem(
              'network',
              'the API still has the policy of a private network, and denies everyone access',
              'Remove the policy. See docs/networks/private.md#back-to-the-internet.',
            ),
          ]
        : [];
    },
  };
}

/**
 * Checks that a private API can be reached only through its endpoints, and that the stack's endpoints work and are not
 * open to everyone.
 */
export function privateNetworkCheck(
  account: Pick<Account, 'apiAccess' | 'endpoints'>,
  { restApiId, apiEndpointIds, endpointIds }: WantedNetwork,
): Check {
  return {
    name: 'network',
    permissions: ['apigateway:GET', 'ec2:DescribeVpcEndpoints'],
    look: async () => [
      accessFinding(await account.apiAccess(restApiId), apiEndpointIds),
      ...endpointFindings(await account.endpoints(endpointIds)),
    ],
  };
}

/** From inside the network, checks that a private API responds. From outside, checks that it cannot be reached. */
export function privateApiCheck(probe: ApiProbe, look: () => Promise<OutsideView>): Check {
  return {
    name: 'API',
    permissions: ['execute-api:Invoke'],
    look: async () => {
      const { addresses, status } = await look();
      if (addresses.length > 0 && addresses.every(isPrivate)) {
        const response = await probe();
        return [
          response?.status === 200
            ? fine('API', 'responds inside the network, and lets you list links')
            : problem(
                'API',
                `${response === undefined ? 'does not respond' : `responds with status ${response.status}`} inside the network`,
                'Your role needs execute-api:Invoke on the API. "tvm smoke" does not use this permission.',
              ),
          skipped('API outside', 'run this command from outside the network as well'),
        ];
      }
      return [
        skipped('API', 'is private. Run this command inside the network as well'),
        status === undefined || status === 403
          ? fine('API outside', 'cannot be called from here')
          : problem('API outside', `responds with status ${status} outside the network`, PAGE),
      ];
    },
  };
}

function accessFinding({ types, statements }: ApiAccessFacts, endpointIds: readonly string[]): Finding {
  if (types.join() !== 'PRIVATE')
    return problem('network', `the API is ${types.join()}, but should be PRIVATE`, `${PAGE} ${REVERT_DRIFT}`);
  const locks = statements
    .filter(isLock)
    .flatMap(({ conditions }) => conditions.flatMap(({ values }) => values));
  if (locks.length === 0)
    return problem('network', 'the API is reachable through any endpoint', `${PAGE} ${REVERT_DRIFT}`);
  const strange = locks.filter((id) => !endpointIds.includes(id));
  return strange.length === 0
    ? fine('network', `the API is reachable only through ${endpointIds.join(', ')}`)
    : problem(
        'network',
        `the API is also reachable through ${strange.join(', ')}`,
        `${PAGE} ${REVERT_DRIFT}`,
      );
}

/** Returns whether a statement denies all access except through the endpoints that it names. */
const isLock = ({ effect, principals, conditions }: StatementFacts): boolean =>
  effect === 'Deny' &&
  principals.includes('*') &&
  conditions.length === 1 &&
  conditions.every(({ operator, key }) => operator === 'StringNotEquals' && key === 'aws:sourcevpce');

function endpointFindings(endpoints: readonly EndpointFacts[]): readonly Finding[] {
  const troubles = endpoints.flatMap(endpointTroubles);
  return troubles.length > 0
    ? troubles
    : [fine('endpoints', `${endpoints.length} available, none open to everyone`)];
}

function endpointTroubles({
  id,
  service,
  state,
  type,
  privateDns,
  statements,
}: EndpointFacts): readonly Finding[] {
  const name = service.split('.').at(-1) ?? service;
  const named = `${name} (${id})`;
  // S3 needs no private DNS: functions use the gateway endpoint, and presigned URLs name the interface endpoint.
  const needsDns = type === 'Interface' && name !== 's3';
  return [
    ...(state === 'available' ? [] : [problem('endpoints', `${named} is ${state}`, PAGE)]),
    ...(!needsDns || privateDns
      ? []
      : [
          problem(
            'endpoints',
            `${named} has no private DNS, so the DNS name of the service does not resolve to it`,
            'Turn on private DNS for the endpoint, and DNS hostnames and DNS resolution for its VPC.',
          ),
        ]),
    ...(statements.some(isOpen)
      ? [warning('endpoints', `${named} lets everyone call everything`, `Give it a policy. ${PAGE}`)]
      : []),
  ];
}

/** Returns whether a statement lets everyone call everything, as an endpoint's default policy does. */
const isOpen = ({ effect, principals, actions, conditions }: StatementFacts): boolean =>
  effect === 'Allow' && principals.includes('*') && actions.includes('*') && conditions.length === 0;

/** Returns whether an address is private (RFC 1918, RFC 6598, RFC 4193). */
function isPrivate(address: string): boolean {
  const [first = 0, second = 0] = address.split('.').map(Number);
  if (address.includes(':')) return /^f[cd]/i.test(address);
  return (
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second < 128)
  );
}
