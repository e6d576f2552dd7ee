import { loadEvaluator } from '../../../laptop/src/iam/evaluate.ts';
import type { PolicyDocument } from '../../../laptop/src/iam/policy-document.ts';
import { resource, type Template } from '../template.ts';
import { ACCOUNT, physical, physicalOf, roleArn } from './physical.ts';

/* Uses the IAM simulator to check which callers the policies of a template admit, and to which targets. */

const OPERATOR = 'Operator';
const FOREIGN_ACCOUNT = '444455556666';
const FOREIGN_ENDPOINT = 'vpce-of-somebody-else';
const ANYTHING = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

const evaluate = await loadEvaluator();

interface Call {
  readonly role: string;
  readonly action: string;
  readonly target: string;
  readonly context: Readonly<Record<string, string>>;
}

/** The simulator's decisions. Templates that differ in one resource share most of them. */
const decided = new Map<string, Promise<boolean>>();

/** Returns whether a resource policy admits a call by a role. `own` is the role's own policy, if it has one. */
function passes(policy: unknown, call: Call, own: object | undefined): Promise<boolean> {
  const key = JSON.stringify([policy, call, own]);
  const decision = decided.get(key) ?? decide(policy, call, own);
  decided.set(key, decision);
  return decision;
}

async function decide(
  policy: unknown,
  { role, action, target, context }: Call,
  own: object | undefined,
): Promise<boolean> {
  const caller = roleArn(role);
  const denial = await evaluate({
    caller,
    action,
    resource: target,
    accountId: ACCOUNT,
    conditions: { 'aws:PrincipalArn': caller, ...context },
    identityPolicies: own === undefined ? [] : [{ name: 'own', policy: own as never }],
    resourcePolicy: policy as PolicyDocument,
  });
  return denial === undefined;
}

/** Returns everything that the policies wrongly allow or wrongly deny. */
export async function policyWeaknesses(template: Template): Promise<readonly string[]> {
  const roles = functionRoles(template);
  const found = await Promise.all([
    apiWeaknesses(template),
    bucketWeaknesses(template, roles),
    tableWeaknesses(template, roles),
    endpointWeaknesses(template, roles),
  ]);
  return found.flat();
}

function functionRoles(template: Template): readonly string[] {
  return physicalOf(template, 'AWS::Lambda::Function')
    .filter(({ properties }) => properties.VpcConfig !== undefined)
    .map(({ properties }) => String(properties.Role).split('/').at(-1) ?? '');
}

const endpointsOf = (template: Template, service: string) =>
  physicalOf(template, 'AWS::EC2::VPCEndpoint')
    .filter(({ properties }) => String(properties.ServiceName).endsWith(`.${service}`))
    .map(({ name }) => name);

async function apiWeaknesses(template: Template): Promise<readonly string[]> {
  const { EndpointConfiguration, Policy } = physical(template, resource(template, 'Api').Properties) as {
    readonly EndpointConfiguration: { readonly Types: readonly string[] };
    readonly Policy?: unknown;
  };
  if (EndpointConfiguration.Types.join() !== 'PRIVATE') return ['the API is not private'];
  const base = `arn:aws:execute-api:eu-west-1:${ACCOUNT}:Api`;
  // API Gateway completes the ARNs of resources that begin with `execute-api:/`. The simulator does not support empty paths.
  const policy = JSON.parse(
    JSON.stringify(Policy ?? {})
      .replaceAll('"execute-api:/', `"${base}/`)
      .replaceAll('/GET/"', '/GET/ROOT"'),
  ) as unknown;
  const [endpoint = ''] = endpointsOf(template, 'execute-api');
  const found = methodsOf(template).map(async ({ method, path, auth }) => {
    const target = `${base}/v1/${method}/${path === '' ? 'ROOT' : path}`;
    const invoke = { action: 'execute-api:Invoke', target };
    const from = (sourceVpce: string | undefined): Call => ({
      ...invoke,
      role: OPERATOR,
      context: sourceVpce === undefined ? {} : { 'aws:SourceVpce': sourceVpce },
    });
    return [
      ...((await passes(policy, from(undefined), ANYTHING)) ? [`anyone may call ${method} /${path}`] : []),
      ...((await passes(policy, from(FOREIGN_ENDPOINT), ANYTHING))
        ? [`any endpoint leads to ${method} /${path}`]
        : []),
      ...((await passes(policy, from(endpoint), ANYTHING)) ? [] : [`${method} /${path} cannot be called`]),
      ...((await passes(policy, from(endpoint), undefined)) === (auth === 'NONE')
        ? []
        : [`${method} /${path} admits the wrong callers`]),
    ];
  });
  return (await Promise.all(found)).flat();
}

function methodsOf(template: Template) {
  const resources = new Map(
    physicalOf(template, 'AWS::ApiGateway::Resource').map(({ name, properties }) => [name, properties]),
  );
  const pathOf = (id: string): string => {
    const { ParentId, PathPart } = resources.get(id) ?? {};
    return PathPart === undefined ? '' : `${pathOf(String(ParentId))}/${String(PathPart)}`;
  };
  return physicalOf(template, 'AWS::ApiGateway::Method').map(({ properties }) => ({
    method: String(properties.HttpMethod),
    path: pathOf(String(properties.ResourceId)).slice(1),
    auth: properties.AuthorizationType,
  }));
}

async function bucketWeaknesses(template: Template, roles: readonly string[]): Promise<readonly string[]> {
  const [policy] = physicalOf(template, 'AWS::S3::BucketPolicy').filter(
    ({ properties }) => properties.Bucket === 'FileBucket',
  );
  const get = { action: 's3:GetObject', target: 'arn:aws:s3:::FileBucket/gated/report.pdf' };
  const document = policy?.properties.PolicyDocument;
  const from = (role: string, context: Call['context']): Call => ({
    ...get,
    role,
    context: { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3', ...context },
  });
  const [endpoint = ''] = endpointsOf(template, 's3');
  const found = roles.map(async (role) => [
    ...((await passes(document, from(role, {}), ANYTHING))
      ? [`${role} can reach files from outside the VPC`]
      : []),
    ...((await passes(document, from(role, { 'aws:SourceVpce': FOREIGN_ENDPOINT }), ANYTHING))
      ? [`${role} can reach files through any endpoint`]
      : []),
    ...((await passes(document, from(role, { 'aws:SourceVpce': endpoint }), ANYTHING))
      ? []
      : [`${role} cannot reach files`]),
  ]);
  const others = [OPERATOR, 'ScannerRole'].map(async (role) =>
    (await passes(document, from(role, {}), ANYTHING)) ? [] : [`${role} cannot reach files`],
  );
  return (await Promise.all([...found, ...others])).flat();
}

async function tableWeaknesses(template: Template, roles: readonly string[]): Promise<readonly string[]> {
  const found = physicalOf(template, 'AWS::DynamoDB::Table').map(async ({ name, properties }) => {
    const { ResourcePolicy } = properties as {
      readonly ResourcePolicy?: { readonly PolicyDocument: unknown };
    };
    const policy = ResourcePolicy?.PolicyDocument;
    const get = { action: 'dynamodb:GetItem', target: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/${name}` };
    const from = (role: string, context: Call['context']) =>
      passes(policy, { ...get, role, context: { ...tagsOf(template, role), ...context } }, ANYTHING);
    const ofRoles = await Promise.all(
      roles.map(async (role) => [
        ...((await from(role, {})) ? [`${role} can reach ${name} from outside the VPC`] : []),
        ...((await from(role, { 'aws:SourceVpc': 'Vpc' })) ? [] : [`${role} cannot reach ${name}`]),
      ]),
    );
    return [...ofRoles.flat(), ...((await from(OPERATOR, {})) ? [] : [`operators cannot reach ${name}`])];
  });
  return (await Promise.all(found)).flat();
}

function tagsOf(template: Template, role: string): Readonly<Record<string, string>> {
  const { Tags = [] } = (template.Resources[role]?.Properties ?? {}) as {
    readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  };
  return Object.fromEntries(Tags.map(({ Key, Value }) => [`aws:PrincipalTag/${Key}`, Value]));
}

const inRegion = (service: string, account: string, what: string) =>
  `arn:aws:${service}:eu-west-1:${account}:${what}`;

/** For each service, an action that functions call, one of their own targets, and a target in a foreign account. */
const CALLS: Readonly<Record<string, readonly [action: string, own: string, foreign: string]>> = {
  s3: ['s3:GetObject', 'arn:aws:s3:::FileBucket/gated/x', 'arn:aws:s3:::bucket-of-others/gated/x'],
  ...Object.fromEntries(
    [
      ['dynamodb', 'dynamodb:PutItem', 'table/LedgerTable'] as const,
      ['kms', 'kms:GenerateMac', 'key/SigningKey'] as const,
      ['sqs', 'sqs:SendMessage', 'MailQueue'] as const,
    ].map(([service, action, what]) => [
      service,
      [action, inRegion(service, ACCOUNT, what), inRegion(service, FOREIGN_ACCOUNT, what)],
    ]),
  ),
  events: [
    'events:PutEvents',
    inRegion('events', ACCOUNT, 'event-bus/EventBus'),
    inRegion('events', FOREIGN_ACCOUNT, 'event-bus/default'),
  ],
  email: [
    'ses:SendEmail',
    inRegion('ses', ACCOUNT, 'identity/example.org'),
    inRegion('ses', FOREIGN_ACCOUNT, 'identity/example.org'),
  ],
};

/** The CDK's default key policy, which leaves decisions to IAM. Without a policy, nobody can use a key. */
const KEY_POLICY = {
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
};

async function endpointWeaknesses(template: Template, roles: readonly string[]): Promise<readonly string[]> {
  const found = physicalOf(template, 'AWS::EC2::VPCEndpoint').map(async ({ name, properties }) => {
    const service = String(properties.ServiceName).split('.').at(-1) ?? '';
    if (properties.PolicyDocument === undefined) return [`${name} has no policy`];
    const policy = withoutPrincipals(properties.PolicyDocument);
    const through = (role: string, action: string, target: string) =>
      passes(service === 'kms' ? KEY_POLICY : undefined, { role, action, target, context: {} }, policy);
    if (service === 'execute-api') {
      const other = inRegion('execute-api', FOREIGN_ACCOUNT, 'api/v1/POST/x');
      return (await through(OPERATOR, 'execute-api:Invoke', other))
        ? [`${name} leads to other accounts`]
        : [];
    }
    const [action, own, foreign] = CALLS[service] ?? ['guardduty:SendObjectMalwareScan', '*', undefined];
    const served = await Promise.all(roles.map((role) => through(role, action, own)));
    const leaks = await Promise.all(
      foreign === undefined ? [] : roles.map((role) => through(role, action, foreign)),
    );
    return [
      ...(served.includes(true) ? [] : [`${name} serves no function`]),
      ...(leaks.includes(true) ? [`${name} leads to other accounts`] : []),
      ...((await through(OPERATOR, action, own)) ? [`${name} admits callers other than the functions`] : []),
    ];
  });
  return (await Promise.all(found)).flat();
}

/** Returns the policy of an endpoint as an identity policy, which the simulator requires. */
function withoutPrincipals(document: unknown): object {
  const { Statement } = document as { readonly Statement: readonly Record<string, unknown>[] };
  return { Statement: Statement.map(({ Principal: _everyone, ...rest }) => rest) };
}
