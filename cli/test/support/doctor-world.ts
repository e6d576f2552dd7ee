import type { Account, StatementFacts } from '../../doctor/account.ts';
import type { ApiProbe } from '../../doctor/checks/api.ts';
import type { Finding } from '../../doctor/finding.ts';
import { runChecks } from '../../doctor/run-checks.ts';
import { stackChecks } from '../../doctor/stack-checks.ts';
import type { Deployment } from '../../tvm/deployment.ts';

export const DEPLOYMENT: Deployment = {
  apiUrl: 'https://api.example.org/v1',
  bucket: 'files',
  tokenTable: 'tokens',
  receiptTable: 'receipts',
  ledgerTable: 'ledger',
  quotaTable: 'quota',
  issueTable: 'issue',
  mailQueueUrl: 'https://sqs/mail',
  deadLetterQueueUrl: 'https://sqs/mail-dead',
  bounceQueueUrl: 'https://sqs/bounces',
  bounceDeadLetterQueueUrl: 'https://sqs/bounces-dead',
  signingKeyId: 'signing',
  pseudonymKeyId: 'pseudonym',
  restApiId: 'api',
  senderEmail: 'files@example.org',
  uploadTable: 'uploads',
  uploadHistoryTable: 'upload-history',
  uploadLinkTable: 'upload-links',
  verdictQueueUrl: 'https://sqs/verdicts',
  verdictDeadLetterQueueUrl: 'https://sqs/verdicts-dead',
  scannerNoticeQueueUrl: 'https://sqs/scanner-notices',
};

const BY_API = {
  operator: 'ArnLike',
  key: 'aws:sourcearn',
  values: ['arn:aws:execute-api:eu-west-1:111122223333:api/*/*/*'],
};
export const LET_API_IN: StatementFacts = {
  effect: 'Allow',
  principals: ['apigateway.amazonaws.com'],
  actions: ['lambda:InvokeFunction'],
  conditions: [BY_API],
};
export const DENY_OTHERS: StatementFacts = {
  effect: 'Deny',
  principals: ['*'],
  actions: ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'],
  conditions: [{ ...BY_API, operator: 'ArnNotLike' }],
};

/** A healthy deployment in stage prod. */
export const WELL: Account = {
  stack: async () => ({
    status: 'UPDATE_COMPLETE',
    stage: 'prod',
    resources: new Map([
      ['AWS::KMS::Key', ['signing', 'pseudonym', 'data']],
      ['AWS::Lambda::Function', ['mint', 'mail', 'links']],
      ['AWS::Lambda::ResourcePolicy', [`arn:aws:lambda:eu-west-1:111122223333:function:links`]],
      ['AWS::CloudWatch::Alarm', ['late mail']],
      ['AWS::Logs::LogGroup', ['mint-log']],
      ['AWS::Logs::MetricFilter', ['throttled']],
      ['AWS::Events::Rule', ['bounces']],
      ['AWS::GuardDuty::MalwareProtectionPlan', ['plan']],
    ]),
    clockAheadSeconds: 1,
  }),
  sending: async () => ({ sandbox: false, enabled: true, enforcement: 'HEALTHY', quota: 50_000, sent: 12 }),
  identity: async (name) =>
    name === 'example.org' ? { name, verified: true, dkim: 'SUCCESS', forwardsBounces: false } : undefined,
  key: async (id) => ({ state: 'Enabled', spec: id === 'data' ? 'SYMMETRIC_DEFAULT' : 'HMAC_256' }),
  table: async () => ({ status: 'ACTIVE', protected: true, ttl: 'ENABLED', backups: 'ENABLED' }),
  bucket: async () => ({ blocked: true, versioned: true, encryption: 'aws:kms' }),
  queue: async () => ({ messages: 0 }),
  scanner: async () => ({ status: 'ACTIVE', tags: true, reasons: [] }),
  alarms: async (names) => names.map((name) => ({ name, state: 'OK', reason: '', notifies: true })),
  logGroup: async (name) => ({ name, retentionDays: 30 }),
  apiLogRole: async () => 'arn:aws:iam::111122223333:role/ApiLogRole',
  function: async () => ({
    state: 'Active',
    lastUpdate: 'Successful',
    environment: { FORM_MAIL_LIMIT_PER_DAY: '150', PROGRAM_MAIL_LIMIT_PER_DAY: '50' },
  }),
  functionPolicy: async (name) =>
    name === 'mail' ? [] : name === 'links' ? [LET_API_IN, DENY_OTHERS] : [LET_API_IN],
  concurrency: async () => ({ limit: 1000, unreserved: 1000 }),
  failedActions: async () => [],
  lostEvents: async () => 0,
  apiAccess: async () => ({ types: ['REGIONAL'], statements: [] }),
  endpoints: async () => [],
};

/** Returns the findings for a deployment that is healthy except for the overrides in `account`. */
export async function findings(
  account: Partial<Account> = {},
  probe: ApiProbe = async () => ({ status: 200 }),
): Promise<readonly Finding[]> {
  const look = async () => ({ addresses: ['203.0.113.7'], status: 200 });
  const checks = stackChecks({ ...WELL, ...account }, DEPLOYMENT, { probe, look });
  return runChecks(checks, new AbortController().signal);
}

/** Returns the findings that are not `ok`, one line each. */
export async function troubles(...given: Parameters<typeof findings>): Promise<readonly string[]> {
  return (await findings(...given))
    .filter(({ mark }) => mark !== 'ok')
    .map(({ check, mark, found }) => `${mark}: ${check}: ${found}`);
}
