import { Aws, Fn, Lazy, Tags, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import {
  CfnSecurityGroup,
  CfnSecurityGroupIngress,
  type CfnSecurityGroupProps,
  CfnVPCEndpoint,
  type CfnVPCEndpointProps,
} from 'aws-cdk-lib/aws-ec2';
import type { IRole, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Output } from '../../capability.ts';
import type { Config } from '../../config.ts';
import { existingEndpoints, GATEWAY_SERVICES } from '../../network-options.ts';
import { capitalized } from '../logical-id.ts';
import { Caretaker } from './caretaker.ts';
import { endpointCalls } from './endpoint-calls.ts';
import { type EndpointUse, onlyForFunctions, onlyForReaders } from './endpoint-policies.ts';
import { InterfacePermissions } from './interface-permissions.ts';
import { denyBucketFromOutside, denyTableFromOutside, FUNCTION_TAG } from './storage-denies.ts';
import { IsolatedVpc } from './vpc.ts';

const HTTPS = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 };

/** An egress rule that matches no traffic. A security group without egress rules allows all traffic. */
const NOTHING = { ipProtocol: 'icmp', fromPort: 252, toPort: 86, cidrIp: '255.255.255.255/32' };

/** Storage that functions can reach only through the network. */
export interface Storage {
  readonly bucket: Bucket;
  readonly tables: readonly Table[];
}

interface Connected {
  readonly function: IFunction;
  readonly role: IRole;
  readonly permissions: readonly PolicyStatement[];
}

/**
 * Creates the network of a private deployment: isolated subnets for the functions, endpoints for the services that they
 * call, and an endpoint through which the API is called (docs/networks/private.md).
 */
export class PrivateNetwork extends Construct {
  readonly apiEndpointIds: readonly string[];
  readonly #config: Config;
  readonly #vpc: IsolatedVpc;
  readonly #caretaker: Caretaker;
  readonly #interfacePermissions: InterfacePermissions;
  readonly #functionGroup: CfnSecurityGroup;
  #endpointGroup: CfnSecurityGroup | undefined;
  #readerGroup: CfnSecurityGroup | undefined;
  readonly #egress: CfnSecurityGroup.EgressProperty[] = [];
  readonly #connected: Connected[] = [];
  readonly #created: string[] = [];
  readonly #outputs: Output[] = [];

  constructor(scope: Construct, id: string, { config, stageName }: PrivateNetworkProps) {
    super(scope, id);
    this.#config = config;
    this.#vpc = new IsolatedVpc(this, 'Vpc', config);
    this.#caretaker = new Caretaker(this, 'Caretaker', { vpcId: this.#vpc.vpcId, config });
    this.#interfacePermissions = new InterfacePermissions(this, 'InterfacePermissions');
    this.#functionGroup = this.#group('FunctionSecurityGroup', {
      groupDescription: 'Functions that can reach only endpoints',
      securityGroupEgress: Lazy.any({ produce: () => this.#egress }),
    });
    // Lambda needs these permissions to take functions out of the VPC, and only then can the security group be deleted.
    // So the permissions are deleted last.
    this.#functionGroup.addResourceDependency(this.#interfacePermissions.policy);
    const existing = this.#existing('execute-api');
    this.apiEndpointIds =
      existing.length > 0
        ? existing.map(({ id: each }) => each)
        : [this.#interface('execute-api', this.#readers(), onlyForReaders(stageName)).ref];
    this.#output(
      'ApiEndpointIds',
      this.apiEndpointIds.join(','),
      'Endpoints through which the API is called',
    );
  }

  /** Puts a function into the isolated subnets. */
  connect(connected: Connected): void {
    const { role, function: target } = connected;
    const { defaultChild } = target.node;
    if (!(defaultChild instanceof CfnFunction))
      throw new Error('Function no longer has a CfnFunction as its default child');
    defaultChild.vpcConfig = {
      subnetIds: [...this.#vpc.subnetIds],
      securityGroupIds: [this.#functionGroup.attrGroupId],
    };
    this.#interfacePermissions.grant(role);
    defaultChild.addResourceDependency(this.#interfacePermissions.policy);
    Tags.of(role).add(FUNCTION_TAG, this.#config.stackName);
    this.#connected.push(connected);
  }

  /**
   * Creates the endpoints that the connected functions need, and denies these functions any other access to the bucket
   * and the tables.
   */
  close({ bucket, tables }: Storage): readonly Output[] {
    const uses = this.#uses();
    for (const [service, use] of uses) {
      if (!GATEWAY_SERVICES.includes(service)) this.#reachInterface(service, use);
    }
    const gateways = this.#gateways(uses);
    const roles = this.#connected.map(({ role }) => role.roleArn);
    denyBucketFromOutside(bucket, roles, gateways.get('s3') ?? []);
    for (const table of tables) denyTableFromOutside(table, this.#config.stackName, this.#vpc.vpcId);
    const all = [...this.#created, ...existingEndpoints(this.#config).map(({ id }) => id)];
    this.#output('EndpointIds', all.join(','), 'Endpoints of the private network');
    this.#caretaker.disconnectAtTheEnd(
      this.#connected.map((each) => each.function),
      this.#functionGroup.attrGroupId,
    );
    return this.#outputs;
  }

  /** Returns the calls that functions make through each endpoint, by service. */
  #uses(): ReadonlyMap<string, EndpointUse> {
    const uses = new Map<string, { roles: Set<string>; actions: Set<string>; resources: Set<string> }>();
    for (const { role, permissions } of this.#connected) {
      for (const { service, actions, resources } of endpointCalls(permissions)) {
        const use = uses.get(service) ?? { roles: new Set(), actions: new Set(), resources: new Set() };
        uses.set(service, use);
        use.roles.add(role.roleArn);
        for (const action of actions) use.actions.add(action);
        for (const resource of resources) use.resources.add(resource);
      }
    }
    return new Map(
      [...uses]
        .toSorted(([one], [other]) => one.localeCompare(other))
        .map(([service, { roles, actions, resources }]) => [
          service,
          { roles: [...roles], actions: [...actions], resources: [...resources] },
        ]),
    );
  }

  #reachInterface(service: string, use: EndpointUse): void {
    const existing = this.#existing(service);
    if (existing.length === 0) this.#interface(service, this.#endpoints(), onlyForFunctions(use));
    for (const { securityGroupId = '' } of existing) this.#letOut(securityGroupId);
  }

  /** Creates the missing gateway endpoints, and returns the IDs of all endpoints of S3 and DynamoDB, by service. */
  #gateways(uses: ReadonlyMap<string, EndpointUse>): ReadonlyMap<string, readonly string[]> {
    const lists = this.#caretaker.prefixLists(GATEWAY_SERVICES);
    return new Map(
      GATEWAY_SERVICES.map((service) => {
        const use = uses.get(service);
        if (use === undefined) throw new Error(`No function has permission to call ${service}`);
        this.#egress.push({ ...HTTPS, destinationPrefixListId: lists[service] ?? '' });
        const existing = this.#existing(service).map(({ id }) => id);
        const policy = onlyForFunctions(use);
        const created = existing.length > 0 ? undefined : this.#gateway(service, policy);
        const gateways = created === undefined ? existing : [created.ref];
        // If the options name a second S3 endpoint, it is for readers (docs/networks/private.md), so no other is created.
        const isServed = service !== 's3' || existing.length > 1;
        return [service, isServed ? gateways : [...gateways, ...this.#forReaders(policy, created)]];
      }),
    );
  }

  /**
   * Creates an endpoint for readers outside the VPC, if the options allow any. Such readers cannot use gateway
   * endpoints (AWS PrivateLink Guide, "Gateway endpoints for Amazon S3").
   */
  #forReaders(policy: PolicyDocument, gateway: CfnVPCEndpoint | undefined): readonly string[] {
    if (this.#config.networkCidrs.length === 0) return [];
    const endpoint = this.#endpoint('FileReaderEndpoint', 's3', {
      vpcEndpointType: 'Interface',
      // With `OnlyInboundResolver`, functions keep using the gateway endpoint. Without such an endpoint, AWS refuses
      // this value (Amazon S3 User Guide, "Private DNS").
      privateDnsEnabled: true,
      dnsOptions: { privateDnsOnlyForInboundResolverEndpoint: 'OnlyInboundResolver' },
      subnetIds: [...this.#vpc.subnetIds],
      securityGroupIds: [this.#readers().attrGroupId],
      policyDocument: policy,
    });
    if (gateway !== undefined) endpoint.addResourceDependency(gateway);
    const wildcard = Fn.select(1, Fn.split(':', Fn.select(0, endpoint.attrDnsEntries)));
    const host = Fn.join('', ['bucket', Fn.select(1, Fn.split('*', wildcard))]);
    this.#output('FileReaderHost', host, 'Name of the S3 endpoint for readers outside the VPC');
    return [endpoint.ref];
  }

  #gateway(service: string, policyDocument: PolicyDocument): CfnVPCEndpoint {
    return this.#endpoint(endpointId(service), service, {
      vpcEndpointType: 'Gateway',
      routeTableIds: [...this.#vpc.routeTableIds],
      policyDocument,
    });
  }

  #interface(service: string, group: CfnSecurityGroup, policyDocument: PolicyDocument): CfnVPCEndpoint {
    return this.#endpoint(endpointId(service), service, {
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: [...this.#vpc.subnetIds],
      securityGroupIds: [group.attrGroupId],
      policyDocument,
    });
  }

  #endpoint(logicalId: string, service: string, properties: EndpointProperties): CfnVPCEndpoint {
    const created = new CfnVPCEndpoint(this, logicalId, {
      vpcId: this.#vpc.vpcId,
      serviceName: `com.amazonaws.${Aws.REGION}.${service}`,
      ...properties,
    });
    created.overrideLogicalId(logicalId);
    this.#created.push(created.ref);
    return created;
  }

  #existing(service: string) {
    return existingEndpoints(this.#config).filter((endpoint) => endpoint.service === service);
  }

  /** Returns the security group of the endpoints that functions use. */
  #endpoints(): CfnSecurityGroup {
    if (this.#endpointGroup !== undefined) return this.#endpointGroup;
    this.#endpointGroup = this.#group('EndpointSecurityGroup', {
      groupDescription: 'Endpoints that functions use',
      securityGroupEgress: [NOTHING],
    });
    const { attrGroupId: groupId } = this.#endpointGroup;
    new CfnSecurityGroupIngress(this, 'FunctionsReachEndpoints', {
      ...HTTPS,
      groupId,
      sourceSecurityGroupId: this.#functionGroup.attrGroupId,
    }).overrideLogicalId('FunctionsReachEndpoints');
    this.#letOut(groupId);
    return this.#endpointGroup;
  }

  /** Returns the security group of the endpoints that people and programs use. */
  #readers(): CfnSecurityGroup {
    if (this.#readerGroup !== undefined) return this.#readerGroup;
    this.#readerGroup = this.#group('ReaderSecurityGroup', {
      groupDescription: 'Endpoints that people and programs use',
      securityGroupEgress: [NOTHING],
      securityGroupIngress: [...this.#vpc.cidrs, ...this.#config.networkCidrs].map((cidrIp) => ({
        ...HTTPS,
        cidrIp,
      })),
    });
    Validations.of(this.#readerGroup).acknowledge({
      id: 'AwsSolutions-EC23',
      reason:
        'This rule cannot resolve the range of a VPC from the same stack. That range does not include the internet.',
    });
    return this.#readerGroup;
  }

  #group(logicalId: string, properties: Omit<CfnSecurityGroupProps, 'vpcId'>): CfnSecurityGroup {
    const created = new CfnSecurityGroup(this, logicalId, { vpcId: this.#vpc.vpcId, ...properties });
    created.overrideLogicalId(logicalId);
    return created;
  }

  /** Lets functions reach endpoints that have this security group. */
  #letOut(destinationSecurityGroupId: string): void {
    this.#egress.push({ ...HTTPS, destinationSecurityGroupId });
  }

  #output(name: string, value: string, description: string): void {
    this.#outputs.push({ name, value, description });
  }
}

export interface PrivateNetworkProps {
  readonly config: Config;
  readonly stageName: string;
}

type EndpointProperties = Omit<CfnVPCEndpointProps, 'vpcId' | 'serviceName'>;

/** Returns the logical ID of a service's endpoint: `ExecuteApiEndpoint` for execute-api. */
function endpointId(service: string): string {
  return `${service.split('-').map(capitalized).join('')}Endpoint`;
}
