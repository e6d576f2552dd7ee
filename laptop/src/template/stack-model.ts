import type { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import { type References, resolveIntrinsics } from './intrinsics.ts';
import { type Physical, type Place, physicalOf } from './physical.ts';
import type { Template } from './template.ts';

/** A resource of the stack with its name in local mode. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  /** The CDK's metadata, such as the path of a function's bundle. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Properties with unresolved intrinsic functions. */
  readonly rawProperties: Readonly<Record<string, unknown>>;
  /** Undefined if other resources cannot refer to this type. */
  readonly physical: Physical | undefined;
}

/** The synthesized stack. References are resolved on demand. */
export interface StackModel {
  readonly place: Place;
  readonly resources: readonly StackResource[];
  ofType(...types: readonly string[]): readonly StackResource[];
  /** Returns the `Ref` of a resource. Throws if its type has none in local mode. */
  refOf(resource: StackResource): string;
  /** Returns the value of an output. Throws if the template has no such output. */
  output(name: string): string;
  hasOutput(name: string): boolean;
  /** Resolves and validates the properties that the schema lists. Ignores all others. */
  read<Shape extends z.ZodObject>(resource: StackResource, schema: Shape): z.output<Shape>;
}

export function openStackModel(template: Template, place: Place): StackModel {
  const physical = (logicalId: string): Physical | undefined => {
    const resource = template.Resources[logicalId];
    return resource && physicalOf(logicalId, resource, place, references);
  };
  const references: References = {
    ref: (name) => pseudoParameter(name, place) ?? physical(name)?.ref ?? template.Parameters[name]?.Default,
    attribute: (logicalId, name) => physical(logicalId)?.attributes[name],
  };
  const resources = Object.entries(template.Resources).map(([logicalId, resource]) => ({
    logicalId,
    type: resource.Type,
    metadata: resource.Metadata,
    rawProperties: resource.Properties,
    physical: physical(logicalId),
  }));
  return {
    place,
    resources,
    ofType: (...types) => resources.filter((resource) => types.includes(resource.type)),
    refOf: ({ logicalId, physical }) => {
      if (physical === undefined)
        throw new LaptopError(`The resource ${logicalId} has no name in local mode.`);
      return physical.ref;
    },
    output: (name) => {
      const value = resolveIntrinsics(template.Outputs[name]?.Value, references, name);
      if (typeof value === 'string') return value;
      throw new LaptopError(`The template has no output ${name}.`);
    },
    hasOutput: (name) => Object.hasOwn(template.Outputs, name),
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
      throw new LaptopError(`Local mode cannot create the resource ${logicalId} (${type}): ${problems}`);
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
