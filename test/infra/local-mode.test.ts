import { expect, test } from '@jest/globals';
import { forLocalMode, vendingStack } from '../../bin/local/stack.ts';
import { refuseUnknownTypes } from '../../laptop/src/provision/resource-types.ts';
import { openStackModel } from '../../laptop/src/template/stack-model.ts';
import { parseTemplate } from '../../laptop/src/template/template.ts';
import { readConfig } from '../../lib/read-config.ts';
import { OWN_NAMES, templateOf } from './template.ts';

test('local mode supports every resource type that options can add to a template without a private network', () => {
  const template = templateOf({
    stage: 'prod',
    senderDomain: 'example.org',
    createIdentity: true,
    alarmEmail: 'ops@example.org',
    oidcIssuer: 'https://login.example.org',
    oidcAudience: 'files',
    oidcTenantClaim: 'tenant',
    ...OWN_NAMES,
    fileTrail: true,
    events: true,
    proofOfWork: 'auto',
    watermarks: 'on',
    secondChance: 'on',
    collections: 'on',
    presenceCode: 'on',
    webAclArn:
      'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/files/a1b2c3d4-5678-90ab-cdef-0123456789ab',
  });
  const model = openStackModel(parseTemplate(template), {
    region: 'us-east-1',
    accountId: '000000000000',
    stackName: 'Stack',
    queueUrl: (name) => name,
  });
  expect(() => refuseUnknownTypes(model, vendingStack({}).ignoredTypes ?? {})).not.toThrow();
});

test('local mode ignores the private network of a committed cdk.json, and keeps its other options', () => {
  const committed = {
    network: 'private',
    vpcId: 'vpc-0123456789abcdef0',
    subnetIds: ['subnet-0123456789abcdef0'],
    networkCidrs: ['10.0.0.0/8'],
    downloadSeconds: 10,
  };
  const config = readConfig({
    tvm: { ...committed, ...forLocalMode({ linkLifetimeMinutes: 20 }, committed) },
  });
  expect(config).toMatchObject({
    network: 'public',
    networkCidrs: [],
    senderEmail: 'files@example.com',
    downloadSeconds: 10,
    linkLifetimeMinutes: 20,
  });
});

test.each([
  [undefined, 'http://127.0.0.1:9000'],
  ['downloads.example.org', 'http://127.0.0.1:9000'],
  ['localhost.example.org:8080', 'http://127.0.0.1:9000'],
  ['download.localhost:8080', 'http://download.localhost:8080'],
])('with downloadHost=%s, local mode’s download URLs lead only to this computer', (downloadHost, origin) => {
  const url = 'http://127.0.0.1:9000';
  const services = {
    api: url,
    s3: url,
    dynamodb: url,
    sqs: url,
    ses: url,
    kms: url,
    guardduty: url,
    events: url,
  };
  expect(vendingStack({ downloadHost }).environment?.(services)).toMatchObject({
    S3_ENDPOINT: url,
    DOWNLOAD_ORIGIN: origin,
  });
});
