import type { Deployment } from '../tvm/deployment.ts';
import type { Account, StackFacts } from './account.ts';
import { alarmsCheck } from './checks/alarms.ts';
import { type ApiProbe, apiCheck } from './checks/api.ts';
import { apiLogCheck } from './checks/api-log.ts';
import { bucketCheck } from './checks/bucket.ts';
import { concurrencyCheck } from './checks/concurrency.ts';
import { functionsCheck } from './checks/functions.ts';
import { invokersCheck } from './checks/invokers.ts';
import { keysCheck, type WantedKey } from './checks/keys.ts';
import { logsCheck } from './checks/logs.ts';
import { senderCheck, sendingCheck } from './checks/mail.ts';
import {
  type OutsideView,
  privateApiCheck,
  privateNetworkCheck,
  publicNetworkCheck,
} from './checks/network.ts';
import { noticesCheck } from './checks/notices.ts';
import { queueCheck } from './checks/queues.ts';
import { scannerCheck } from './checks/scanner.ts';
import { stackCheck } from './checks/stack.ts';
import { tablesCheck } from './checks/tables.ts';
import type { Check } from './finding.ts';
import { queuesOf, tablesOf } from './parts.ts';

/** The two requests that show whether the API can be reached from this computer. */
export interface ApiViews {
  readonly probe: ApiProbe;
  readonly look: () => Promise<OutsideView>;
}

/** Returns the checks for a stack, each after the checks that it builds on. */
export function stackChecks(
  account: Account,
  deployment: Deployment,
  { probe, look }: ApiViews,
): readonly Check[] {
  // Several checks need the stack, so it is read only once.
  let read: Promise<StackFacts> | undefined;
  const stack = () => (read ??= account.stack());
  const ofType = (type: string) => async () => (await stack()).resources.get(type) ?? [];
  const functions = ofType('AWS::Lambda::Function');
  const alarms = async () => [
    ...(await ofType('AWS::CloudWatch::Alarm')()),
    ...(await ofType('AWS::CloudWatch::CompositeAlarm')()),
  ];
  const rules = ofType('AWS::Events::Rule');
  const { senderEmail } = deployment;
  return [
    stackCheck({ stack }),
    ...apiChecks(account, deployment, { probe, look }),
    functionsCheck(account, functions),
    invokersCheck(
      account,
      async () => ({
        names: await functions(),
        closed: await ofType('AWS::Lambda::ResourcePolicy')(),
        rules: await rules(),
      }),
      deployment.restApiId,
    ),
    concurrencyCheck(account),
    keysCheck(account, async () => keysOf(deployment, await ofType('AWS::KMS::Key')())),
    tablesCheck(account, tablesOf(deployment), async () => (await stack()).stage),
    bucketCheck(account, deployment.bucket),
    ...queuesOf(deployment).map((wanted) => queueCheck(account, wanted)),
    scannerCheck(account, ofType('AWS::GuardDuty::MalwareProtectionPlan'), deployment.scannerNoticeQueueUrl),
    sendingCheck(account, () => mailLimit(account, functions)),
    senderCheck(account, senderEmail),
    alarmsCheck(account, alarms),
    noticesCheck(account, alarms, rules),
    logsCheck(account, ofType('AWS::Logs::LogGroup')),
    apiLogCheck(account, ofType('AWS::Logs::MetricFilter')),
  ];
}

function apiChecks(
  account: Account,
  { restApiId, apiEndpointIds, endpointIds = '' }: Deployment,
  { probe, look }: ApiViews,
): readonly Check[] {
  if (apiEndpointIds === undefined) return [apiCheck(probe), publicNetworkCheck(account, restApiId)];
  const wanted = {
    restApiId,
    apiEndpointIds: apiEndpointIds.split(','),
    endpointIds: endpointIds.split(','),
  };
  return [privateApiCheck(probe, look), privateNetworkCheck(account, wanted)];
}

/** Returns the keys to check. The signing key and the pseudonym key must be HMAC keys. */
function keysOf({ signingKeyId, pseudonymKeyId }: Deployment, all: readonly string[]): readonly WantedKey[] {
  const hmac = { spec: 'HMAC_256' };
  return [
    { name: 'signing key', id: signingKeyId, ...hmac },
    { name: 'pseudonym key', id: pseudonymKeyId, ...hmac },
    ...all
      .filter((id) => id !== signingKeyId && id !== pseudonymKeyId)
      .map((id) => ({ name: `key ${id}`, id })),
  ];
}

/** Returns the sum of the daily mail limits for the form and for IAM callers, from the functions' environments. */
async function mailLimit(
  account: Pick<Account, 'function'>,
  functions: () => Promise<readonly string[]>,
): Promise<number | undefined> {
  const all = await Promise.all((await functions()).map((name) => account.function(name)));
  const limitOf = (key: string) =>
    all.map(({ environment }) => environment[key]).find((one) => one !== undefined);
  const limits = [limitOf('FORM_MAIL_LIMIT_PER_DAY'), limitOf('PROGRAM_MAIL_LIMIT_PER_DAY')];
  return limits.includes(undefined) ? undefined : limits.reduce((sum, limit) => sum + Number(limit), 0);
}
