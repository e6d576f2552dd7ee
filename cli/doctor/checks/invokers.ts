import type { Account, ConditionFacts, StatementFacts } from '../account.ts';
import { type Check, type Finding, fine, problem } from '../finding.ts';

const HOW =
  'docs/operations.md#who-may-invoke-the-functions says how to find out who can invoke them, and how to prevent it.';
const AS_ANYONE =
  'anyone in this account who has lambda:InvokeFunction can issue and revoke links on behalf of anyone';

export interface Invoked {
  readonly names: readonly string[];
  /** ARNs of functions that only the API may invoke, because they trust the caller identity that the API passes. */
  readonly closed: readonly string[];
  /** Names or ARNs (whichever CloudFormation reports) of the stack's event rules, which may also invoke functions. */
  readonly rules: readonly string[];
}

/** Checks that only this API and the stack's event rules may invoke the functions. */
export function invokersCheck(
  account: Pick<Account, 'functionPolicy'>,
  invoked: () => Promise<Invoked>,
  restApiId: string,
): Check {
  return {
    name: 'invokers',
    permissions: ['lambda:GetPolicy'],
    look: async () => {
      const { names, closed, rules } = await invoked();
      const ruleArns = new Set(rules.map((rule) => ruleArn(rule, closed[0] ?? '')));
      const isKnown = (statement: StatementFacts) =>
        isFromApi(statement, restApiId) || isFromRule(statement, ruleArns);
      if (closed.length === 0) {
        return [
          problem(
            'invokers',
            `no function denies callers other than this API: ${AS_ANYONE}`,
            'Deploy this version of the stack.',
          ),
        ];
      }
      const found = await Promise.all(
        names.map(async (name) => {
          const statements = await account.functionPolicy(name);
          const isClosed = closed.some((arn) => arn.endsWith(`:function:${name}`));
          return [
            ...otherCallers(name, statements, isKnown),
            ...(isClosed ? missingDenial(name, statements, restApiId) : []),
          ];
        }),
      );
      const troubles = found.flat();
      if (troubles.length > 0) return troubles;
      return [
        fine(
          'invokers',
          `only this API and event rules may invoke the functions; only this API may invoke ${closed.length} of the ${names.length}`,
        ),
      ];
    },
  };
}

/** Reports statements that admit callers other than this API and the stack's rules. */
function otherCallers(
  name: string,
  statements: readonly StatementFacts[],
  isKnown: (statement: StatementFacts) => boolean,
): readonly Finding[] {
  return statements
    .filter((statement) => statement.effect === 'Allow' && !isKnown(statement))
    .map(({ principals }) =>
      problem(
        'invokers',
        `${name} admits callers other than this API: ${principals.join(', ') || 'unnamed'}`,
        HOW,
      ),
    );
}

/**
 * Reports a function whose policy does not deny all callers except this API. Only a denial overrides what a caller's
 * own policy allows.
 */
function missingDenial(
  name: string,
  statements: readonly StatementFacts[],
  restApiId: string,
): readonly Finding[] {
  const isDenied = statements.some(
    ({ effect, principals, actions, conditions: [condition, ...more] }) =>
      effect === 'Deny' &&
      principals.includes('*') &&
      actions.some((action) => /^(\*|lambda:\*|lambda:InvokeFunction)$/i.test(action)) &&
      more.length === 0 &&
      condition !== undefined &&
      isOfApi(condition, /^(Arn|String)Not(Equals|Like)$/, restApiId),
  );
  return isDenied ? [] : [problem('invokers', `${name} can be invoked without the API: ${AS_ANYONE}`, HOW)];
}

const POSITIVE = /^(Arn|String)(Equals|Like)$/;

const isOnly = ({ principals }: StatementFacts, service: string): boolean =>
  principals.length === 1 && principals[0] === service;

function isFromApi(statement: StatementFacts, restApiId: string): boolean {
  return (
    isOnly(statement, 'apigateway.amazonaws.com') &&
    statement.conditions.some((one) => isOfApi(one, POSITIVE, restApiId))
  );
}

function isFromRule(statement: StatementFacts, rules: ReadonlySet<string>): boolean {
  return (
    isOnly(statement, 'events.amazonaws.com') &&
    statement.conditions.some(
      ({ operator, key, values }) =>
        POSITIVE.test(operator) && key === 'aws:sourcearn' && values.every((arn) => rules.has(arn)),
    )
  );
}

/** Returns the ARN of a rule in a function's account and region. */
function ruleArn(nameOrArn: string, functionArn: string): string {
  const [arn, partition, , region, account] = functionArn.split(':');
  return nameOrArn.startsWith('arn:')
    ? nameOrArn
    : `${arn}:${partition}:events:${region}:${account}:rule/${nameOrArn}`;
}

function isOfApi({ operator, key, values }: ConditionFacts, operators: RegExp, restApiId: string): boolean {
  return (
    operators.test(operator) && key === 'aws:sourcearn' && values.every((arn) => isArnOf(restApiId, arn))
  );
}

/**
 * Returns whether an ARN such as `arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/v1/POST/links` belongs to the API.
 */
function isArnOf(restApiId: string, arn: string): boolean {
  const [, , service, , , path = ''] = arn.split(':');
  return service === 'execute-api' && path.split('/')[0] === restApiId;
}
