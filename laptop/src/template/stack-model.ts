import type { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import { type References, resolveIntrinsics } from './intrinsics.ts';
import { type Physical, type Place, physicalOf } from './physical.ts';
import type { Template } from './template.ts';

/** A resource of the stack under its name on the laptop. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  /** What the CDK notes about it, such as where a function's bundle lies in the assembly. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** As in the template, with its intrinsic functions. */
  readonly rawProperties: Readonly<Record<string, unknown>>;
  /** Undefined for a type that nothing refers to. */
  readonly physical: Physical | undefined;
}

/** The synthesised stack, with everything that refers to something else resolved on demand. */
export interface StackModel {
  readonly place: Place;
  readonly resources: readonly StackResource[];
  ofType(...types: readonly string[]): readonly StackResource[];
  /** What a resource answers to `Ref`; throws if its type has no name on the laptop. */
  refOf(resource: StackResource): string;
  /** What the stack tells under this name once it is deployed; throws if the template has no such text. */
  output(name: string): string;
  /** A resource's properties, resolved and checked: only the ones that the schema names are looked at. */
  read<Shape extends z.ZodObject>(resource: StackResource, schema: Shape): z.output<Shape>;
}

export function openStackModel(template: Template, place: Place): StackModel {
  const resources = Object.entries(template.Resources).map(([logicalId, resource]) => ({
    logicalId,
    type: resource.Type,
    metadata: resource.Metadata,
    rawProperties: resource.Properties,
    physical: physicalOf(logicalId, resource, place),
  }));
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const references: References = {
    ref: (name) =>
      pseudoParameter(name, place) ?? byId.get(name)?.physical?.ref ?? template.Parameters[name]?.Default,
    attribute: (logicalId, name) => byId.get(logicalId)?.physical?.attributes[name],
  };
  return {
    place,
    resources,
    ofType: (...types) => resources.filter((resource) => types.includes(resource.type)),
    refOf: ({ logicalId, physical }) => {
      if (physical === undefined)
        throw new LaptopError(`The resource ${logicalId} has no name on the laptop.`);
      return physical.ref;
    },
    output: (name) => {
      const value = resolveIntrinsics(template.Outputs[name]?.Value, references, name);
      if (typeof value === 'string') return value;
      throw new LaptopError(`The template has no output ${name}.`);
    },
    read: ({ logicalId, type, rawProperties }, schema) => {
      const wanted = Object.fromEntries(
        Object.keys(schema.shape)
          .filter((key) => key in rawProperties)
          .map((key) => [key, rawProperties[key]]),
      );
      const parsed = schema.safeParse(resolveIntrinsics(wanted, references, logicalId));
      if (parsed.success) return parsed.data;
      const problems = parsed.error.issues
        .map(({ path, message }) => `${path.join('.')}: ${message}`)
        .join('; ');
      throw new LaptopError(`The laptop cannot make the resource ${logicalId} (${type}): ${problems}`);
    },
  };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
function pseudoParameter(name: string, { region, accountId, stackName }: Place): string | undefined {
  switch (name) {
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return accountId;
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return stackName;
    case 'AWS::StackId':
      return `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/laptop`;
    default:
      return undefined;
  }
}
