import type { Template } from '../template.ts';
import { type Properties, physicalOf } from './physical.ts';

/* Finds the network paths that the subnets, route tables, gateways, and security groups of a template allow. */

/** Resource types that connect a VPC or a function to the outside. */
const GATES = [
  ...['InternetGateway', 'VPCGatewayAttachment', 'NatGateway', 'EgressOnlyInternetGateway', 'EIP'],
  ...['TransitGatewayAttachment', 'TransitGatewayVpcAttachment', 'VPCPeeringConnection', 'VPNConnection'],
  ...['CarrierGateway', 'Instance', 'ClientVpnEndpoint'],
].map((name) => `AWS::EC2::${name}`);
const PUBLIC_TYPES = [...GATES, 'AWS::Lambda::Url', 'AWS::ElasticLoadBalancingV2::LoadBalancer'];

/** Functions that only CloudFormation invokes, during deployments. */
const HELPERS = /^(CaretakerFunction|CustomS3AutoDeleteObjects)/;

const WORLD = 'the internet';

type Edges = ReadonlyMap<string, readonly string[]>;

/** Returns every weakness that could connect a function to anything but the endpoints, or the VPC to the internet. */
export function pathWeaknesses(template: Template): readonly string[] {
  const functions = physicalOf(template, 'AWS::Lambda::Function').filter(({ name }) => !HELPERS.test(name));
  const edges = edgesOf(template, functions);
  return [
    ...PUBLIC_TYPES.flatMap((type) => physicalOf(template, type).map(({ name }) => `${name} is an ${type}`)),
    ...functions.flatMap(({ name }) => {
      const path = pathTo(WORLD, name, edges);
      return path === undefined ? [] : [`a way out: ${path.join(' > ')}`];
    }),
    ...physicalOf(template, 'AWS::EC2::Subnet')
      .filter(({ properties }) => properties.MapPublicIpOnLaunch !== false)
      .map(({ name }) => `${name} assigns public addresses`),
    ...ruleWeaknesses(template, functions),
  ];
}

/** Connects functions to subnets, subnets to route tables, and route tables to the targets of their routes. */
function edgesOf(template: Template, functions: readonly Named[]): Edges {
  const edges = new Map<string, string[]>();
  const connect = (from: string, to: string) => edges.set(from, [...(edges.get(from) ?? []), to]);
  for (const { name, properties } of functions) {
    const { SubnetIds = [] } = (properties.VpcConfig ?? {}) as { readonly SubnetIds?: readonly string[] };
    if (SubnetIds.length === 0) connect(name, WORLD);
    for (const subnet of SubnetIds) connect(name, subnet);
  }
  for (const { properties } of physicalOf(template, 'AWS::EC2::SubnetRouteTableAssociation')) {
    connect(String(properties.SubnetId), String(properties.RouteTableId));
  }
  // Gateway endpoints create their own routes. Any other route counts as a way out.
  for (const { name, properties } of physicalOf(template, 'AWS::EC2::Route')) {
    connect(String(properties.RouteTableId), name);
    connect(name, WORLD);
  }
  return edges;
}

function pathTo(goal: string, from: string, edges: Edges): readonly string[] | undefined {
  const queue: (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const here = path.at(-1) ?? '';
    if (here === goal) return path;
    for (const next of edges.get(here) ?? []) {
      if (!seen.has(next)) queue.push([...path, next]);
      seen.add(next);
    }
  }
  return undefined;
}

interface Rule {
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly IpProtocol?: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly SourceSecurityGroupId?: string;
  readonly DestinationSecurityGroupId?: string;
  readonly DestinationPrefixListId?: string;
}

type Named = { readonly name: string; readonly properties: Properties };

function ruleWeaknesses(template: Template, functions: readonly Named[]): readonly string[] {
  const groups = physicalOf(template, 'AWS::EC2::SecurityGroup');
  const ofFunctions = new Set(
    functions.flatMap(({ properties }) => {
      const { SecurityGroupIds = [] } = (properties.VpcConfig ?? {}) as {
        readonly SecurityGroupIds?: readonly string[];
      };
      return SecurityGroupIds;
    }),
  );
  const endpointGroups = new Set(
    physicalOf(template, 'AWS::EC2::VPCEndpoint').flatMap(
      ({ properties }) => (properties.SecurityGroupIds ?? []) as readonly string[],
    ),
  );
  return groups.flatMap(({ name, properties }) => {
    const id = `${name}.GroupId`;
    const own = (type: string) =>
      physicalOf(template, type)
        .filter((rule) => rule.properties.GroupId === id)
        .map((rule) => rule.properties as Rule);
    const inward = [
      ...((properties.SecurityGroupIngress ?? []) as readonly Rule[]),
      ...own('AWS::EC2::SecurityGroupIngress'),
    ];
    // A group without egress rules allows all outgoing traffic.
    const outward = [
      ...((properties.SecurityGroupEgress ?? [{ CidrIp: '0.0.0.0/0' }]) as readonly Rule[]),
      ...own('AWS::EC2::SecurityGroupEgress'),
    ];
    return [
      ...inward
        .filter((rule) => isWide(rule) || !isHttps(rule))
        .map(() => `${name} admits more than HTTPS from private networks`),
      ...(ofFunctions.has(id) ? inward.map(() => `${name} admits traffic to functions`) : []),
      ...outward
        .filter((rule) => !isNothing(rule) && !(isHttps(rule) && leadsTo(endpointGroups, rule)))
        .map((rule) => `${name} allows outgoing traffic to ${JSON.stringify(rule)}`),
    ];
  });
}

const isHttps = ({ IpProtocol, FromPort, ToPort }: Rule) =>
  IpProtocol === 'tcp' && FromPort === 443 && ToPort === 443;

const isNothing = ({ CidrIp, IpProtocol }: Rule) => CidrIp === '255.255.255.255/32' && IpProtocol === 'icmp';

/** Returns whether a rule names any IPv6 range, or an IPv4 range wider than the widest private range. */
const isWide = ({ CidrIp, CidrIpv6 }: Rule) =>
  CidrIpv6 !== undefined || Number(CidrIp?.split('/')[1] ?? 32) < 8;

/** Returns whether a rule leads only to endpoints, named by their security group or by a gateway's prefix list. */
const leadsTo = (endpointGroups: ReadonlySet<string>, rule: Rule) =>
  endpointGroups.has(rule.DestinationSecurityGroupId ?? '') ||
  /^PrefixLists\.(s3|dynamodb)$/.test(rule.DestinationPrefixListId ?? '');
