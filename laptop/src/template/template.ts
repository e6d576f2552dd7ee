import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  Metadata: z.record(z.string(), z.unknown()).default({}),
});

const Template = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Resources: z.record(z.string(), Resource),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});

export type TemplateResource = z.output<typeof Resource>;

/** The parts of a CloudFormation template that local mode reads. */
export type Template = z.output<typeof Template>;

/** Reads a template. @throws if the file is not a CloudFormation template */
export const readTemplate = (path: string): Template => parseTemplate(JSON.parse(readFileSync(path, 'utf8')));

/** Validates a template. @throws if the value is not a CloudFormation template */
export const parseTemplate = (value: unknown): Template => Template.parse(value);
