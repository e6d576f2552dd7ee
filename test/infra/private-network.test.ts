import { beforeAll, describe, expect, test } from '@jest/globals';
import { pathWeaknesses } from './network/paths.ts';
import { policyWeaknesses } from './network/policies.ts';
import { resource, resourcesOf, SENDER, type Template, templateOf } from './template.ts';

const PRIVATE = { senderEmail: SENDER, network: 'private' };

/** Returns everything that is wrong with the network paths and the policies of a private template. */
const weaknesses = async (template: Template) => [
  ...pathWeaknesses(template),
  ...(await policyWeaknesses(template)),
];

let template: Template;

beforeAll(() => {
  template = templateOf(PRIVATE);
});

const withResources = (added: Readonly<Record<string, unknown>>): Template => ({
  ...template,
  Resources: { ...template.Resources, ...(added as Template['Resources']) },
});

const withProperties = (logicalId: string, properties: Readonly<Record<string, unknown>>): Template => {
  const found = resource(template, logicalId);
  return withResources({ [logicalId]: { ...found, Properties: { ...found.Properties, ...properties } } });
};

interface Document {
  readonly Statement: readonly { readonly Sid?: string }[];
}

const without = (document: unknown, sid: string): Document => ({
  ...(document as Document),
  Statement: (document as Document).Statement.filter(({ Sid }) => Sid !== sid),
});

describe('the private template', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['with a VPC of its own', {}],
    ['without uploads', { uploads: 'off' }],
    ['with proofs of work and events', { proofOfWork: 'auto', events: true }],
    ['that a company network reaches', { networkCidrs: ['10.0.0.0/8'] }],
  ])(
    '%s has no path from the internet to functions, files, or tables, and no path out',
    async (_name, options) => {
      expect(await weaknesses(templateOf({ ...PRIVATE, ...options }))).toEqual([]);
    },
  );

  test('has no circular dependencies, which CloudFormation would reject', () => {
    expect(circle(template)).toBeUndefined();
  });

  test('has endpoints for exactly the services that the functions call', () => {
    const services = (options: object) =>
      resourcesOf(templateOf({ ...PRIVATE, ...options }), 'AWS::EC2::VPCEndpoint').map(
        ([name, { Properties }]) => `${name} ${String(Properties.VpcEndpointType)}`,
      );
    const always = [
      'DynamodbEndpoint Gateway',
      'EmailEndpoint Interface',
      'ExecuteApiEndpoint Interface',
      'KmsEndpoint Interface',
      'S3Endpoint Gateway',
      'SqsEndpoint Interface',
    ];
    expect(services({ uploads: 'off' }).toSorted()).toEqual(always);
    expect(services({}).toSorted()).toEqual([...always, 'GuarddutyEndpoint Interface'].toSorted());
    expect(services({ uploads: 'off', events: true }).toSorted()).toEqual(
      [...always, 'EventsEndpoint Interface'].toSorted(),
    );
  });

  test('uses private DNS names in the VPC', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::EC2::VPCEndpoint')) {
      expect(Properties.PrivateDnsEnabled).toBe(
        Properties.VpcEndpointType === 'Interface' ? true : undefined,
      );
    }
  });

  test('is deleted in an order that lets the caretaker work, because CloudFormation deletes dependents first', () => {
    const needed = [
      'CaretakerFunction',
      'CaretakerRole',
      'CaretakerDisconnectPolicy',
      'NetworkInterfacePolicy',
    ];
    const deleted = ['FunctionSecurityGroup', 'Subnet1', 'Subnet2', 'RedeemFunction', 'RedeemRole', 'Vpc'];
    expect([...dependenciesOf('ConnectedFunctions', template)]).toEqual(
      expect.arrayContaining([...needed, ...deleted]),
    );
    expect([...dependenciesOf('FunctionSecurityGroup', template)]).toContain('NetworkInterfacePolicy');
  });

  test('keeps the permissions for leaving the VPC until every function has left it', () => {
    for (const [name, { Properties, DependsOn = [] }] of resourcesOf(template, 'AWS::Lambda::Function')) {
      if (Properties.VpcConfig === undefined) continue;
      expect([name, [DependsOn].flat()]).toEqual([name, expect.arrayContaining(['NetworkInterfacePolicy'])]);
      expect(resource(template, 'ConnectedFunctions').DependsOn).toContain(name);
    }
    expect(resource(template, 'FunctionSecurityGroup').DependsOn).toEqual(['NetworkInterfacePolicy']);
  });
});

describe('an existing VPC', () => {
  const EXISTING = {
    ...PRIVATE,
    vpcId: 'vpc-0123456789abcdef0',
    subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    endpointIds: [
      ...['s3=vpce-00000001', 'dynamodb=vpce-00000002', 'execute-api=vpce-00000003'],
      ...['kms', 'sqs', 'email', 'guardduty'].map((service) => `${service}=vpce-00000004/sg-00000005`),
    ],
  };

  test('with all endpoints gets only a security group for functions', () => {
    const types = Object.values(templateOf(EXISTING).Resources).map(({ Type }) => Type);
    const ofNetwork = types.filter((type) => type.startsWith('AWS::EC2::'));
    expect(ofNetwork).toEqual(['AWS::EC2::SecurityGroup']);
  });

  test('or other addresses publish the API again, because its policy names the new endpoint', () => {
    const deploymentsOf = (options: object) =>
      resourcesOf(templateOf({ ...PRIVATE, ...options }), 'AWS::ApiGateway::Deployment').map(([id]) => id);
    const { vpcId, subnetIds } = EXISTING;
    const existing = { subnetIds, routeTableIds: ['rtb-00000001'], networkCidrs: ['10.0.0.0/8'] };
    const published = [
      {},
      { vpcCidr: '10.20.0.0/24' },
      { ...existing, vpcId },
      { ...existing, vpcId: 'vpc-0123456789abcdef1' },
    ].flatMap(deploymentsOf);
    expect(new Set(published).size).toBe(4);
  });

  test('with both a gateway and an interface endpoint for S3 gets no other endpoint for readers outside the VPC', () => {
    const endpointIds = ['s3=vpce-00000001', 's3=vpce-00000006', ...EXISTING.endpointIds.slice(1)];
    const readers = { ...EXISTING, networkCidrs: ['10.0.0.0/8'] };
    const endpointsOf = (options: object) =>
      resourcesOf(templateOf({ ...readers, ...options }), 'AWS::EC2::VPCEndpoint').map(([name]) => name);
    expect(endpointsOf({})).toEqual(['FileReaderEndpoint']);
    expect(endpointsOf({ endpointIds })).toEqual([]);
  });

  test('with all endpoints lets functions reach only the security groups of the endpoints', () => {
    const { SecurityGroupEgress } = resource(templateOf(EXISTING), 'FunctionSecurityGroup').Properties;
    expect(JSON.stringify(SecurityGroupEgress)).toContain('sg-00000005');
    expect(pathWeaknesses(templateOf(EXISTING)).filter((found) => !found.includes('sg-00000005'))).toEqual(
      [],
    );
  });
});

describe('the checks find a seeded bug:', () => {
  test('a NAT gateway', async () => {
    const nat = { Type: 'AWS::EC2::NatGateway', Properties: { SubnetId: { Ref: 'Subnet1' } } };
    expect(await weaknesses(withResources({ Nat: nat }))).toEqual(['Nat is an AWS::EC2::NatGateway']);
  });

  test('a route to an internet gateway', async () => {
    const Properties = {
      RouteTableId: { Ref: 'RouteTable' },
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: 'igw-1',
    };
    expect(await weaknesses(withResources({ Default: { Type: 'AWS::EC2::Route', Properties } }))).toContain(
      'a way out: MintFunction > Subnet1 > RouteTable > Default > the internet',
    );
  });

  test('a function outside the VPC', async () => {
    expect(await weaknesses(withProperties('LinksFunction', { VpcConfig: undefined }))).toContain(
      'a way out: LinksFunction > the internet',
    );
  });

  test('a bucket policy that lets functions bypass the endpoints', async () => {
    const [id = ''] =
      resourcesOf(template, 'AWS::S3::BucketPolicy').find(([name]) => name.includes('FileBucket')) ?? [];
    const PolicyDocument = without(
      resource(template, id).Properties.PolicyDocument,
      'FunctionsOnlyThroughEndpoints',
    );
    expect(await weaknesses(withProperties(id, { PolicyDocument }))).toContain(
      'RedeemRole can reach files from outside the VPC',
    );
  });

  test('a table without its resource policy', async () => {
    expect(await weaknesses(withProperties('LedgerTable', { ResourcePolicy: undefined }))).toContain(
      'RedeemRole can reach LedgerTable from outside the VPC',
    );
  });

  test('a role without the tag by which tables deny access from outside the VPC', async () => {
    expect(await weaknesses(withProperties('RedeemRole', { Tags: [] }))).toContain(
      'RedeemRole can reach TokenTable from outside the VPC',
    );
  });

  test('an endpoint that allows everything to everyone', async () => {
    const PolicyDocument = {
      Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: '*', Resource: '*' }],
    };
    expect(await weaknesses(withProperties('S3Endpoint', { PolicyDocument }))).toEqual([
      'S3Endpoint leads to other accounts',
      'S3Endpoint admits callers other than the functions',
    ]);
    expect(await weaknesses(withProperties('SqsEndpoint', { PolicyDocument: undefined }))).toEqual([
      'SqsEndpoint has no policy',
    ]);
  });

  test('a security group that is open to 0.0.0.0/0', async () => {
    const rule = { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
    expect(await weaknesses(withProperties('ReaderSecurityGroup', { SecurityGroupIngress: [rule] }))).toEqual(
      ['ReaderSecurityGroup admits more than HTTPS from private networks'],
    );
    expect(
      await weaknesses(withProperties('FunctionSecurityGroup', { SecurityGroupEgress: [rule] })),
    ).toEqual([`FunctionSecurityGroup allows outgoing traffic to ${JSON.stringify(rule)}`]);
    expect(
      await weaknesses(withProperties('FunctionSecurityGroup', { SecurityGroupEgress: undefined })),
    ).toEqual(['FunctionSecurityGroup allows outgoing traffic to {"CidrIp":"0.0.0.0/0"}']);
  });

  test('an API that admits any endpoint', async () => {
    const { Policy } = resource(template, 'Api').Properties;
    expect(
      await weaknesses(withProperties('Api', { Policy: without(Policy, 'OnlyThroughEndpoints') })),
    ).toContain('any endpoint leads to POST /redeem');
  });

  test('an API that is not private', async () => {
    const EndpointConfiguration = { Types: ['REGIONAL'] };
    expect(await weaknesses(withProperties('Api', { EndpointConfiguration }))).toEqual([
      'the API is not private',
    ]);
  });
});

/** Returns the resources that depend on each other in a circle, if there are any. */
function circle({ Resources }: Template): readonly string[] | undefined {
  const finished = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path, name];
    if (finished.has(name)) return undefined;
    const found = referencesIn(Resources[name])
      .filter((other) => other in Resources)
      .map((other) => visit(other, [...path, name]))
      .find((each) => each !== undefined);
    finished.add(name);
    return found;
  };
  return Object.keys(Resources)
    .map((name) => visit(name, []))
    .find((found) => found !== undefined);
}

/** Returns the resources that a resource depends on, directly or indirectly. */
function dependenciesOf(name: string, { Resources }: Template): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (each: string): void => {
    for (const other of referencesIn(Resources[each])) {
      if (!(other in Resources) || found.has(other)) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(name);
  return found;
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' || key === 'DependsOn') return [inner].flat().map(String);
    if (key === 'Fn::GetAtt') return [String((inner as unknown[])[0])];
    return referencesIn(inner);
  });
}
