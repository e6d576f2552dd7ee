import { z } from 'zod';
import { configSchema } from '../../lib/config.ts';

/** The parts of JSON Schema that the table uses. */
const Option = z.object({
  description: z.string(),
  type: z.string().optional(),
  format: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
type Option = z.output<typeof Option>;

/** Returns the deploy options as a Markdown table. */
export function optionTable(): string {
  const { properties = {} } = z.toJSONSchema(configSchema, { io: 'output' });
  const rows = Object.entries(properties).map(([name, schema]) => {
    const option = Option.parse(schema);
    return `| \`${name}\` | ${valuesOf(option)} | ${defaultOf(option)} | ${option.description} |`;
  });
  return ['| Option | Values | Default | What it does |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function valuesOf({ type, format, enum: members, minimum, maximum }: Option): string {
  if (members !== undefined) return members.map((member) => `\`${member}\``).join(', ');
  if (minimum !== undefined && maximum !== undefined) return `${grouped(minimum)} to ${grouped(maximum)}`;
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'array') return 'list';
  if (format === 'email') return 'e-mail address';
  return format === 'uri' ? 'URL' : 'text';
}

function defaultOf({ default: value }: Option): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${String(value)}\``;
}

const grouped = (value: number): string => value.toLocaleString('en-GB');
