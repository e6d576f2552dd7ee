import { type FunctionName, functionNames as functions } from '../../lib/capabilities.ts';
import { inWords, resource, SENDER, templateOf, titleOf } from './template.ts';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
}

/** The template with all options that add functions or give them permissions. */
export const template = templateOf({
  senderEmail: SENDER,
  proofOfWork: 'auto',
  events: true,
  watermarks: 'on',
  secondChance: 'on',
  collections: 'on',
  presenceCode: 'on',
});

export function roleOf(name: FunctionName) {
  const title = titleOf(name);
  return { title, properties: resource(template, `${title}Role`).Properties };
}

export function statementsOf(name: FunctionName): readonly Statement[] {
  const policies = roleOf(name).properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => inWords(PolicyDocument.Statement) as Statement[]);
}

export const listed = <Item>(value: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(value) ? (value as readonly Item[]) : [value as Item];

/** Returns each permission as `action resource`. */
export function permissionsOf(name: FunctionName): string[] {
  return statementsOf(name).flatMap(({ Action, Resource }) =>
    listed(Action).flatMap((action) => listed(Resource).map((where) => `${action} ${where}`)),
  );
}

export const everyPermission = () =>
  functions.flatMap((name) => permissionsOf(name).map((permission) => ({ name, permission })));
