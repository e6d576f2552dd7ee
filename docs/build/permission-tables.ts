import { permissionsIn, type Resources, type Statement, scannerPermissions } from './synthesized.ts';

/**
 * Returns the permissions of each function, and of GuardDuty, as Markdown tables with a row for each statement in the
 * template.
 */
export function permissionTables(resources: Resources): string {
  const functions = [...permissionsIn(resources)].map(
    ([name, statements]) => [`\`${name}\``, statements] as const,
  );
  return [...functions, ['GuardDuty', scannerPermissions(resources)] as const]
    .map(([title, statements]) => `## ${title}\n\n${tableOf(statements)}`)
    .join('\n\n');
}

function tableOf(statements: readonly Statement[]): string {
  const rows = statements.map(
    ({ Action, Resource, Condition }) =>
      `| ${listed(Action)} | ${listed(Resource)} | ${conditionsIn(Condition)} |`,
  );
  return ['| May | On | Only if |', '| --- | --- | --- |', ...rows].join('\n');
}

const conditionsIn = (conditions: Statement['Condition']) =>
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
  StringLike: 'is like',
  'ForAllValues:StringEquals': 'contains only',
  'ForAllValues:StringEqualsIgnoreCase': 'contains only, ignoring case,',
  'ForAllValues:StringLike': 'contains only values like',
};

const listed = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(', ');
