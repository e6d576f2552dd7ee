import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import { busNamed } from '../template/physical.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';
import { PolicyDocument } from './policy-document.ts';

/** The role session of a function or service, with its policies. */
export interface SessionPermissions {
  /** For functions, the function's name, as on Lambda. */
  readonly sessionName: string;
  readonly roleName: string;
  readonly policies: readonly NamedPolicy[];
}

export interface NamedPolicy {
  readonly name: string;
  readonly policy: PolicyDocument;
}

export interface StackPolicies {
  /** The permissions of functions, by short name. */
  readonly functions: ReadonlyMap<string, SessionPermissions>;
  /** The permissions of services that use a role of the stack, by {@link ServiceRole} name. */
  readonly services: ReadonlyMap<string, SessionPermissions>;
  /** The policies of buckets, queues, keys, tables, event buses, and functions, by resource ARN. */
  readonly resources: ReadonlyMap<string, PolicyDocument>;
}

/** A function with its name for logs and messages. */
export interface NamedFunction {
  readonly shortName: string;
  readonly arn: string;
}

export interface ServiceRole {
  readonly name: string;
  readonly roleArn: string;
  readonly sessionName: string;
}

const RoleOfFunction = z.object({ Role: z.string() });

const Inline = z.array(z.object({ PolicyName: z.string(), PolicyDocument }));

const Role = z.object({
  Policies: Inline.default([]),
  // Managed policies and permissions boundaries are not in the template. This managed policy is safe to ignore,
  // because it only allows logging.
  ManagedPolicyArns: z
    .array(z.string().endsWith(':aws:policy/service-role/AWSLambdaBasicExecutionRole'))
    .default([]),
  PermissionsBoundary: z.undefined().optional(),
});

const AttachedPolicy = z.object({
  PolicyName: z.string(),
  PolicyDocument,
  Roles: z.array(z.string()).default([]),
});

const BucketPolicy = z.object({ Bucket: z.string(), PolicyDocument });
const QueuePolicy = z.object({ Queues: z.array(z.string()), PolicyDocument });
const Key = z.object({ KeyPolicy: PolicyDocument });
const Permission = z.object({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
});
const BusStatement = z.object({
  EventBusName: z.string(),
  Statement: PolicyDocument.shape.Statement.element,
});
const Table = z.object({ ResourcePolicy: z.object({ PolicyDocument }).optional() });

/**
 * Reads the template's policies.
 *
 * @throws LaptopError if the template does not contain all permissions of a role
 */
export function readPolicies(
  model: StackModel,
  functions: readonly NamedFunction[],
  services: readonly ServiceRole[] = [],
): StackPolicies {
  return {
    functions: new Map(functions.map((each) => [each.shortName, permissionsOfFunction(model, each)])),
    services: new Map(services.map((each) => [each.name, permissionsOf(model, each)])),
    resources: new Map([
      ...model.ofType('AWS::S3::BucketPolicy').map((resource): [string, PolicyDocument] => {
        const { Bucket, PolicyDocument: policy } = model.read(resource, BucketPolicy);
        return [arnOf(model, 'AWS::S3::Bucket', Bucket), policy];
      }),
      ...model.ofType('AWS::SQS::QueuePolicy').flatMap((resource) => {
        const { Queues, PolicyDocument: policy } = model.read(resource, QueuePolicy);
        return Queues.map((url): [string, PolicyDocument] => [arnOf(model, 'AWS::SQS::Queue', url), policy]);
      }),
      ...model.ofType('AWS::KMS::Key').map((resource): [string, PolicyDocument] => {
        const { KeyPolicy } = model.read(resource, Key);
        return [resource.physical?.attributes.Arn ?? '', KeyPolicy];
      }),
      ...permissionsOfServices(model),
      ...busPolicies(model),
      ...model.ofType('AWS::DynamoDB::Table').flatMap((resource) => {
        const { ResourcePolicy } = model.read(resource, Table);
        const arn = resource.physical?.attributes.Arn ?? '';
        return ResourcePolicy === undefined
          ? []
          : [[arn, ResourcePolicy.PolicyDocument] satisfies [string, PolicyDocument]];
      }),
    ]),
  };
}

/**
 * Reads the permissions that functions' policies grant to EventBridge. Local mode does not check other invocations.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-lambda-permissions
 */
function permissionsOfServices(model: StackModel): readonly [string, PolicyDocument][] {
  const permissions = model
    .ofType('AWS::Lambda::Permission')
    .filter(({ rawProperties }) => rawProperties.Principal === 'events.amazonaws.com')
    .map((resource) => model.read(resource, Permission));
  const arnOfFunction = ({ FunctionName }: { readonly FunctionName: string }): string =>
    FunctionName.startsWith('arn:') ? FunctionName : arnOf(model, 'AWS::Lambda::Function', FunctionName);
  return [...Map.groupBy(permissions, arnOfFunction)].map(([Resource, given]) => [
    Resource,
    {
      Version: '2012-10-17',
      Statement: given.map(({ Action, Principal, SourceArn }) => ({
        Effect: 'Allow',
        Principal: { Service: Principal },
        Action,
        Resource,
        ...(SourceArn === undefined ? {} : { Condition: { ArnLike: { 'aws:SourceArn': SourceArn } } }),
      })),
    },
  ]);
}

/** Reads the policies of event buses. In the template, each statement is a separate resource. */
function busPolicies(model: StackModel): readonly [string, PolicyDocument][] {
  const statements = model
    .ofType('AWS::Events::EventBusPolicy')
    .map((resource) => model.read(resource, BusStatement));
  const arnOfBus = ({ EventBusName }: { readonly EventBusName: string }): string =>
    arnOf(model, 'AWS::Events::EventBus', busNamed(EventBusName));
  return [...Map.groupBy(statements, arnOfBus)].map(([arn, given]) => [
    arn,
    { Version: '2012-10-17', Statement: given.map(({ Statement }) => Statement) },
  ]);
}

function permissionsOfFunction(model: StackModel, { shortName, arn }: NamedFunction): SessionPermissions {
  const resource = withArn(model, 'AWS::Lambda::Function', arn);
  return permissionsOf(model, {
    name: shortName,
    roleArn: resource === undefined ? '' : model.read(resource, RoleOfFunction).Role,
    sessionName: resource?.physical?.ref ?? '',
  });
}

function permissionsOf(model: StackModel, { name, roleArn, sessionName }: ServiceRole): SessionPermissions {
  const role = withArn(model, 'AWS::IAM::Role', roleArn);
  if (role === undefined) throw new LaptopError(`The role of ${name} is not part of this stack.`);
  const roleName = model.refOf(role);
  const attached = model
    .ofType('AWS::IAM::Policy')
    .map((policy) => model.read(policy, AttachedPolicy))
    .filter(({ Roles }) => Roles.includes(roleName));
  return {
    sessionName,
    roleName,
    policies: [...model.read(role, Role).Policies, ...attached].map(
      ({ PolicyName, PolicyDocument: policy }) => ({ name: PolicyName, policy }),
    ),
  };
}

const withArn = (model: StackModel, type: string, arn: string): StackResource | undefined =>
  model.ofType(type).find(({ physical }) => physical?.attributes.Arn === arn);

/** Returns the ARN of the resource that has this `Ref`. */
function arnOf(model: StackModel, type: string, ref: string): string {
  const found = model.ofType(type).find(({ physical }) => physical?.ref === ref);
  if (found === undefined)
    throw new LaptopError(`A policy in the template refers to an unknown ${type}: ${ref}.`);
  return found.physical?.attributes.Arn ?? '';
}
