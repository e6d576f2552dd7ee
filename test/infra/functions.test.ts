import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseEnvironment } from '../../lambda/environment/parse.ts';
import { mintEnvironment } from '../../lambda/environment/public-form.ts';
import { redeemEnvironment } from '../../lambda/environment/redemption.ts';
import {
  capabilities,
  type FunctionName,
  functionNames as functions,
  routes,
} from '../../lib/capabilities.ts';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf, titleOf } from './template.ts';

const schemas = capabilities.flatMap(({ functions: own }) =>
  Object.entries(own).map(([name, { schema }]) => [name, schema] as const),
);
const PROXY = {
  proxyOrigin: 'https://files.example.org',
  proxySecretSha256: 'a1'.repeat(32),
  delivery: 'proxy',
};

let template: Template;
/** The template with all options that add environment variables. */
let complete: Template;

beforeAll(() => {
  const options = {
    senderEmail: 'files@example.org',
    stackName: 'Acme-Files',
    linkLifetimeMinutes: '20',
    downloadSeconds: 10,
    allowedRecipients: 'example.org,ann@example.com',
    logRetentionDays: 90,
    events: true,
    proofOfWork: 'auto',
    watermarks: 'on',
    secondChance: 'on',
    collections: 'on',
    presenceCode: 'on',
  };
  template = templateOf(options);
  complete = templateOf({
    ...options,
    ...PROXY,
    downloadHost: 'downloads.example.org',
    s3Endpoint: 'bucket.vpce-0abc-1def.s3.eu-west-1.vpce.amazonaws.com',
  });
});

function variablesOf(name: string, of = template): Record<string, string> {
  const { Environment } = resource(of, `${titleOf(name)}Function`).Properties;
  return inWords((Environment as { Variables: unknown }).Variables) as Record<string, string>;
}

/** Replaces references with values that the schemas accept. */
function filledIn(variables: Record<string, string>): Record<string, string> {
  const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/mail';
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => [
      key,
      value.replace('<MailQueue>', queueUrl).replace(/<[\w:.]+>/g, 'something'),
    ]),
  );
}

describe('a function', () => {
  test.each(schemas)('%s gets exactly the environment that its code reads', (name, schema) => {
    const { SERVICE_NAME, METRICS_NAMESPACE, ...own } = variablesOf(name, complete);
    expect(Object.keys(own).toSorted()).toEqual(Object.keys(schema.shape).toSorted());
    expect(() => parseEnvironment(schema, filledIn(own))).not.toThrow();
    expect([SERVICE_NAME, METRICS_NAMESPACE]).toEqual([name, 'Acme-Files']);
  });

  test('gets the options in the units that its schema expects', () => {
    expect(parseEnvironment(mintEnvironment, filledIn(variablesOf('mint')))).toMatchObject({
      LINK_LIFETIME_SECONDS: 1200,
      ALLOWED_RECIPIENTS: ['example.org', 'ann@example.com'],
      ALLOWED_DOMAINS: [],
    });
    expect(parseEnvironment(redeemEnvironment, filledIn(variablesOf('redeem'))).DOWNLOAD_SECONDS).toBe(10);
  });

  test('that redeems gets the deliveries whose routes the options leave out', () => {
    const offWith = (options: object) =>
      ['redeem', 'stream'].map(
        (name) => variablesOf(name, templateOf({ senderEmail: SENDER, ...options })).DELIVERIES_OFF,
      );
    expect(offWith({})).toEqual(['watermark,zip', 'watermark,zip']);
    expect(offWith({ watermarks: 'on' })).toEqual(['zip', 'zip']);
    expect(offWith({ collections: 'on' })).toEqual(['watermark', 'watermark']);
    expect(offWith({ watermarks: 'on', collections: 'on' })).toEqual(['', '']);
  });

  test('gets the origins of the API and of files without a trailing slash', () => {
    const { PUBLIC_ORIGIN, FILES_ORIGIN } = variablesOf('redeem');
    expect(PUBLIC_ORIGIN).toBe('https://<Api>.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1');
    expect(FILES_ORIGIN).toBe('https://<FileBucket.RegionalDomainName>');
  });

  test('gets the hash of the proxy secret if it has a public route and counts sources', () => {
    const open = routes.filter(({ auth }) => auth === 'none').map((route) => route.function);
    const without = [...new Set(open)].filter(
      (name) => !('PROXY_SECRET_SHA256' in variablesOf(name, complete)),
    );
    expect(without.toSorted()).toEqual(['finalize', 'invites', 'objects', 'submit', 'uploads']);
  });

  test('gets the origin of the reverse proxy for links, and only the hash of its secret', () => {
    const { PUBLIC_ORIGIN, PROXY_SECRET_SHA256, DELIVERY } = variablesOf('mint', complete);
    expect({ PUBLIC_ORIGIN, PROXY_SECRET_SHA256, DELIVERY }).toEqual({
      PUBLIC_ORIGIN: PROXY.proxyOrigin,
      PROXY_SECRET_SHA256: PROXY.proxySecretSha256,
      DELIVERY: 'proxy',
    });
    expect(inWords(complete.Outputs?.ApiUrl)).toEqual(inWords(template.Outputs?.ApiUrl));
  });

  test.each(functions)('%s runs on Node 24 on arm64 from its own bundle', (name) => {
    const { Runtime, Architectures, Handler } = resource(template, `${titleOf(name)}Function`).Properties;
    expect([Runtime, Architectures, Handler]).toEqual(['nodejs24.x', ['arm64'], 'index.handler']);
  });

  test.each(functions)('%s is traced by Lambda, which does not record URLs', (name) => {
    expect(resource(template, `${titleOf(name)}Function`).Properties.TracingConfig).toEqual({
      Mode: 'Active',
    });
  });

  test.each(functions)(
    '%s times out before API Gateway does, or before its queue or schedule invokes it again',
    (name) => {
      const waits: Partial<Record<FunctionName, number>> = {
        stream: 900,
        watermark: 900,
        zip: 900,
        sweep: 300,
        outcomes: 300,
        verdicts: 60,
      };
      const { Timeout } = resource(template, `${titleOf(name)}Function`).Properties;
      expect(Timeout).toBeLessThan(waits[name] ?? 29);
    },
  );

  test.each(functions)('%s has its own log group with the retention from the options', (name) => {
    const { LoggingConfig } = resource(template, `${titleOf(name)}Function`).Properties;
    expect(inWords(LoggingConfig)).toEqual({ LogGroup: `<${titleOf(name)}Logs>` });
    expect(resource(template, `${titleOf(name)}Logs`).Properties.RetentionInDays).toBe(90);
  });
});

test('the links function, which stamps trial copies, has as much memory as the watermark function', () => {
  const [tried, made] = ['Links', 'Watermark'].map(
    (name) => resource(template, `${name}Function`).Properties,
  );
  expect(tried?.MemorySize).toBe(made?.MemorySize);
});

test('no function reserves concurrency, because a new account has too little to reserve', () => {
  for (const [, { Properties }] of resourcesOf(
    templateOf({ streamConcurrency: 50 }),
    'AWS::Lambda::Function',
  )) {
    expect(Properties.ReservedConcurrentExecutions).toBeUndefined();
  }
});

describe('the outputs', () => {
  test('are exactly those that operators and scripts need', () => {
    const titles = functions.map((name) => `${titleOf(name)}FunctionName`);
    expect(Object.keys(template.Outputs).toSorted()).toEqual(
      [
        'ApiUrl',
        'BounceDeadLetterQueueUrl',
        'BounceQueueUrl',
        'BucketName',
        'CloudShellIssue',
        'CloudShellOffer',
        'CloudShellRedeem',
        'DataKeyId',
        'DeadLetterQueueUrl',
        'EventBusName',
        'EventFailureQueueUrl',
        'IssueTableName',
        'LedgerTableName',
        'MailQueueUrl',
        'NoticeKeyId',
        'OfferFilesUnder',
        'PseudonymKeyId',
        'QuotaTableName',
        'ReceiptTableName',
        'RequestForm',
        'RestApiId',
        'SenderEmail',
        'ScannerNoticeQueueUrl',
        'SenderToVerify',
        'SigningKeyId',
        'TokenTableName',
        'UploadHistoryTableName',
        'UploadLinkTableName',
        'UploadTableName',
        'VerdictDeadLetterQueueUrl',
        'VerdictQueueUrl',
        ...titles,
      ].toSorted(),
    );
  });

  test('include commands for CloudShell with the IDs of the deployment', () => {
    const command = (name: string) => inWords(template.Outputs[name]?.Value);
    expect(command('CloudShellOffer')).toBe('aws s3 cp report.pdf s3://<FileBucket>/gated/');
    const invoke =
      /^aws apigateway test-invoke-method --rest-api-id <Api> --resource-id <(\w+)> --http-method POST /;
    for (const [name, pathPart] of [
      ['CloudShellIssue', 'links'],
      ['CloudShellRedeem', 'redeem'],
    ] as const) {
      const [, resourceId = ''] = invoke.exec(String(command(name))) ?? [];
      expect(resource(template, resourceId).Properties.PathPart).toBe(pathPart);
      expect(command(name)).not.toContain('tvm_');
    }
    expect(command('CloudShellRedeem')).toContain('--body file://token.json');
  });

  test('include the URL of the form and the location for files', () => {
    expect(inWords(template.Outputs.RequestForm?.Value)).toMatch(/\/v1\/\?asset=$/);
    expect(inWords(template.Outputs.OfferFilesUnder?.Value)).toBe('s3://<FileBucket>/gated/');
  });
});
