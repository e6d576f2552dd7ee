import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectContext, synthesize } from '../../lib/app.ts';

const Template = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.unknown().optional() })),
});

/** The resources of the template, by logical ID. */
export type Resources = z.output<typeof Template>['Resources'];

/** Synthesizes a stack with these options, and defaults for all others, without bundling any code. */
export function synthesized(options: Readonly<Record<string, unknown>> = {}): Resources {
  const outdir = mkdtempSync(join(tmpdir(), 'tvm-docs-'));
  try {
    const context = {
      ...projectContext({ senderEmail: 'files@example.org', ...options }),
      'aws:cdk:bundling-stacks': [],
    };
    const [stack] = synthesize(context, outdir).stacks;
    if (stack === undefined) throw new Error('No stack was synthesized');
    return Template.parse(JSON.parse(readFileSync(stack.templateFullPath, 'utf8'))).Resources;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const texts = z
  .union([z.string(), z.array(z.unknown()), z.looseObject({})])
  .transform((value) => [value].flat().map(inWords));

const Role = z.object({
  Policies: z.array(
    z.object({
      PolicyDocument: z.object({
        Statement: z.array(
          z.object({
            Effect: z.literal('Allow'),
            Action: texts,
            Resource: texts,
            Condition: z.record(z.string(), z.record(z.string(), texts)).default({}),
          }),
        ),
      }),
    }),
  ),
});

/** One statement in a role's policies, with logical IDs and parameter names in place of references. */
export type Statement = z.output<typeof Role>['Policies'][number]['PolicyDocument']['Statement'][number];

/** Returns the statements of each function's role, by the function's name. */
export function permissionsIn(resources: Resources): ReadonlyMap<string, readonly Statement[]> {
  return new Map(
    Object.entries(resources).flatMap(([logicalId, { Type, Properties }]) => {
      const title = Type === 'AWS::IAM::Role' ? /^(\w+)Role$/.exec(logicalId)?.[1] : undefined;
      // The CDK adds roles for its own functions, which run only while the stack is deployed or deleted.
      if (title === undefined || resources[`${title}Function`] === undefined) return [];
      return [[title.toLowerCase(), statementsOf(Properties)]];
    }),
  );
}

/** Returns the statements of the role that GuardDuty scans uploads with. */
export function scannerPermissions({ ScannerRole }: Resources): readonly Statement[] {
  return statementsOf(ScannerRole?.Properties);
}

function statementsOf(role: unknown): readonly Statement[] {
  return Role.parse(role).Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** Formats a value of the template as text, with logical IDs and parameter names in place of references. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Readonly<Record<string, unknown>>;
  if (typeof ref === 'string') return ref.startsWith('AWS::') ? ref.slice('AWS::'.length).toUpperCase() : ref;
  if (Array.isArray(attribute)) return String(attribute[0]);
  if (!Array.isArray(join))
    throw new Error(`synthesized.ts cannot read this part of the template: ${JSON.stringify(value)}`);
  const [separator, parts] = join as [string, readonly unknown[]];
  return parts.map(inWords).join(separator);
}
