import { type Resources, rightsIn, type Statement, scannerRights } from './synthesized.ts';

/** Returns the rights of each function, and of GuardDuty, as Markdown tables with a row for each statement in the template. */
export function rightsTables(resources: Resources): string {
  const functions = [...rightsIn(resources)].map(
    ([name, statements]) => [`\`${name}\``, statements] as const,
  );
  return [...functions, ['GuardDuty', scannerRights(resources)] as const]
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
  'ForAllValues:StringEquals': 'holds only',
  'ForAllValues:StringEqualsIgnoreCase': 'holds only, in any case,',
  'ForAllValues:StringLike': 'holds only what is like',
};

const listed = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(', ');
