import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { matching } from './option-types.ts';

/*
 * The options of a private network (docs/networks/private.md), and the rules for combining them. The options name
 * existing resources by ID, because the stack is synthesized without an account and cannot look them up.
 */

/** Endpoint names of the services that a private stack uses. */
const ENDPOINT_SERVICES = [
  ...['execute-api', 's3', 'dynamodb', 'kms', 'sqs', 'email', 'guardduty', 'events'],
] as const;

/** Services for which AWS has gateway endpoints, which are free. */
export const GATEWAY_SERVICES: readonly string[] = ['s3', 'dynamodb'];

const id = (prefix: string) => new RegExp(`^${prefix}-[0-9a-f]{8,17}$`);

export const vpcId = matching(id('vpc'), 'must be the ID of a VPC, vpc-...');
export const subnetId = matching(id('subnet'), 'must contain only IDs of subnets, subnet-...');
export const routeTableId = matching(id('rtb'), 'must contain only IDs of route tables, rtb-...');

export const endpointId = matching(
  new RegExp(`^(${ENDPOINT_SERVICES.join('|')})=vpce-[0-9a-f]{8,17}(/sg-[0-9a-f]{8,17})?$`),
  `must contain only SERVICE=vpce-... or SERVICE=vpce-.../sg-..., where SERVICE is one of ${ENDPOINT_SERVICES.join(', ')}`,
);

/** Returns whether the text is an IPv4 range, written as its first address and an accepted prefix length. */
function isRange(text: string, shortest: number, longest: number): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || rest.length > 0) return false;
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = Number(length);
  return size >= shortest && size <= longest && bits % 2 ** (32 - size) === 0;
}

const range = (shortest: number, longest: number, error: string) =>
  z.string({ error }).refine((text) => isRange(text, shortest, longest), { error });

export const vpcCidr = range(
  16,
  26,
  'must be a range of IPv4 addresses from /16 to /26, such as 10.20.0.0/24',
);

/** Maximum number of ranges. A security group has at most 60 rules (Amazon VPC User Guide, "Amazon VPC quotas"). */
export const MOST_RANGES = 50;

/** A network that is allowed to call the API. Ranges larger than /8, such as the whole internet, are refused. */
export const networkCidr = range(
  8,
  32,
  'must contain only ranges of IPv4 addresses from /8 to /32, such as 10.0.0.0/8',
);

/** The options that a private network depends on. */
export interface NetworkOptions {
  readonly network: 'public' | 'private';
  readonly vpcCidr?: string | undefined;
  readonly vpcId?: string | undefined;
  readonly subnetIds: readonly string[];
  readonly routeTableIds: readonly string[];
  readonly endpointIds: readonly string[];
  readonly networkCidrs: readonly string[];
  readonly s3Endpoint?: string | undefined;
}

/** An endpoint that the stack uses but does not create. */
export interface ExistingEndpoint {
  readonly service: string;
  readonly id: string;
  readonly securityGroupId: string | undefined;
}

/** Returns the existing endpoints that the options name. */
export function existingEndpoints({ endpointIds }: Pick<NetworkOptions, 'endpointIds'>): ExistingEndpoint[] {
  return endpointIds.map((named) => {
    const [service = '', id = '', securityGroupId] = named.split(/[=/]/);
    return { service, id, securityGroupId };
  });
}

/** Returns what is wrong with the combination of network options. */
export function networkProblems(config: NetworkOptions): string[] {
  const { network, vpcId: vpc, vpcCidr: cidr, subnetIds, routeTableIds, networkCidrs } = config;
  const lists = { subnetIds, routeTableIds, endpointIds: config.endpointIds };
  const onlyExisting = Object.entries(lists).filter(([, list]) => list.length > 0);
  if (network === 'public') {
    return [
      ...[...Object.entries({ vpcId: vpc, vpcCidr: cidr }).filter(([, value]) => value !== undefined)],
      ...[...onlyExisting, ...(networkCidrs.length > 0 ? [['networkCidrs', networkCidrs] as const] : [])],
    ].map(([option]) => `${option}: requires "network": "private"`);
  }
  const unreachable = unreachableEndpoint(config);
  if (vpc === undefined)
    return [...unreachable, ...onlyExisting.map(([option]) => `${option}: requires vpcId`)];
  return [...unreachable, ...existingVpcProblems(config)];
}

/** Rejects an `s3Endpoint` that the stack does not use: the bucket would deny every URL signed for it. */
function unreachableEndpoint({ s3Endpoint, networkCidrs, ...config }: NetworkOptions): string[] {
  const named = existingEndpoints(config).filter(({ service }) => service === 's3');
  const isCreated = networkCidrs.length > 0 && named.length < 2;
  if (s3Endpoint === undefined || isCreated) return [];
  const isNamed = named.some(({ id }) => s3Endpoint.includes(`${id}-`));
  return isNamed
    ? []
    : [
        's3Endpoint: must belong to an endpoint that endpointIds names, or to the one that is created for networkCidrs',
      ];
}

function existingVpcProblems(config: NetworkOptions): string[] {
  const endpoints = existingEndpoints(config);
  const exists = (service: string) => endpoints.some((endpoint) => endpoint.service === service);
  const missing = GATEWAY_SERVICES.filter((service) => !exists(service));
  const open = endpoints.filter(
    ({ service, securityGroupId }) =>
      securityGroupId === undefined && service !== 'execute-api' && !GATEWAY_SERVICES.includes(service),
  );
  return [
    ...(config.vpcCidr === undefined
      ? []
      : ['vpcCidr: cannot be combined with vpcId, because an existing VPC has its own range']),
    ...(config.subnetIds.length > 0 ? [] : ['subnetIds: is required with vpcId']),
    ...(missing.length === 0 || config.routeTableIds.length > 0
      ? []
      : [`routeTableIds: is required with vpcId, unless endpointIds names ${missing.join(' and ')}`]),
    ...(config.networkCidrs.length > 0 || exists('execute-api')
      ? []
      : ['networkCidrs: is required with vpcId, unless endpointIds names execute-api']),
    ...open.map(
      ({ service, id }) =>
        `endpointIds: must name the security group of ${service}=${id}, as /sg-..., so that functions can reach it`,
    ),
  ];
}
