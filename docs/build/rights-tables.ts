import { z } from 'zod';

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

const Template = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.unknown().optional() })),
});

/** Returns the rights of each function as Markdown tables, with a row for each statement in the template. */
export function rightsTables(templateText: string): string {
  const { Resources } = Template.parse(JSON.parse(templateText));
  return Object.entries(Resources)
    .flatMap(([logicalId, { Type, Properties }]) => {
      const title = Type === 'AWS::IAM::Role' ? /^(\w+)Role$/.exec(logicalId)?.[1] : undefined;
      // The CDK adds roles for functions of its own, which run only while the stack is deployed or deleted.
      const isFunction = title !== undefined && Resources[`${title}Function`] !== undefined;
      return isFunction ? [`## \`${title.toLowerCase()}\`\n\n${tableOf(Role.parse(Properties))}`] : [];
    })
    .join('\n\n');
}

function tableOf({ Policies }: z.output<typeof Role>): string {
  const rows = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).map(
    ({ Action, Resource, Condition }) =>
      `| ${listed(Action)} | ${listed(Resource)} | ${conditionsIn(Condition)} |`,
  );
  return ['| May | On | Only if |', '| --- | --- | --- |', ...rows].join('\n');
}

const conditionsIn = (conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>) =>
  Object.entries(conditions)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) =>
        operator === 'Null'
          ? `\`${key}\` is absent`
          : `\`${key}\` ${WORDS[operator] ?? operator} ${listed(values)}`,
      ),
    )
    .join('; ');

const WORDS: Readonly<Record<string, string>> = {
  StringEquals: 'is',
  StringEqualsIfExists: 'is absent or one of',
  StringLikeIfExists: 'is absent or like',
  'ForAllValues:StringEquals': 'holds only',
  'ForAllValues:StringEqualsIgnoreCase': 'holds only, in any case,',
  'ForAllValues:StringLike': 'holds only what is like',
};

const listed = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(', ');

/** Writes a value of the template as text, with logical IDs and parameter names in place of references. */
function inWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Readonly<Record<string, unknown>>;
  if (typeof ref === 'string') return ref.startsWith('AWS::') ? ref.slice('AWS::'.length).toUpperCase() : ref;
  if (Array.isArray(attribute)) return String(attribute[0]);
  if (!Array.isArray(join))
    throw new Error(`rights-tables.ts cannot read this part of a policy: ${JSON.stringify(value)}`);
  const [separator, parts] = join as [string, readonly unknown[]];
  return parts.map(inWords).join(separator);
}
