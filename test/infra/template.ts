import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectContext, synthesize } from '../../lib/app.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string | readonly string[];
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export const SENDER = 'files@example.org';

/** Options that give the API and downloads their own host names. */
export const OWN_NAMES = {
  apiDomain: 'files.example.org',
  apiCertificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-0123456789ab',
  downloadDomain: 'downloads.example.org',
  downloadCertificateArn:
    'arn:aws:acm:us-east-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-0123456789ab',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.org',
};

/** Returns the warnings of a synthesis with these options. */
export function warningsOf(options: Readonly<Record<string, unknown>>): readonly string[] {
  return inFolder((outdir) =>
    synthesize(quietly(options), outdir).stacks.flatMap(({ messages }) =>
      messages.map(({ entry }) => String(entry.data)),
    ),
  );
}

/** Templates in JSON, keyed by their options. Test files in the same process share them. */
const synthesized = new Map<string, string>();

/** Returns the template of a deployment with these options, without bundles. */
export function templateOf(options: Readonly<Record<string, unknown>> = { senderEmail: SENDER }): Template {
  const key = JSON.stringify(options);
  const text = synthesized.get(key) ?? synthesizedWith(options);
  synthesized.set(key, text);
  return JSON.parse(text) as Template;
}

function synthesizedWith(options: Readonly<Record<string, unknown>>): string {
  return inFolder((outdir) => {
    const [stack] = synthesize(quietly(options), outdir).stacks;
    if (stack === undefined) throw new Error('No stack was synthesized');
    return readFileSync(stack.templateFullPath, 'utf8');
  });
}

function quietly(options: Readonly<Record<string, unknown>>) {
  const quiet = { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:failSynthOnValidationErrors': false };
  return { ...projectContext(options), ...quiet };
}

/** Calls a function with a temporary folder, and then removes the folder. */
export function inFolder<Found>(find: (outdir: string) => Found): Found {
  const outdir = mkdtempSync(join(tmpdir(), 'tvm-infra-'));
  try {
    return find(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Returns a function's name with a capital letter, as in the logical IDs of its resources. */
export const titleOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

export function resource({ Resources }: Template, logicalId: string): TemplateResource {
  const found = Resources[logicalId];
  if (found === undefined) throw new Error(`The template has no ${logicalId}`);
  return found;
}

/** Returns all resources of a type, with their logical IDs. */
export function resourcesOf({ Resources }: Template, type: string): [string, TemplateResource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

/** Returns a value with references as text: `<Table>` for Ref, `<Table.Arn>` for Fn::GetAtt, and Fn::Join resolved. */
export function inWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inWords);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return `<${ref}>`;
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(inWords).join(String(join[0]));
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, inWords(held)]));
}
