import { expect, test } from '@jest/globals';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { createApp, projectContext } from '../../lib/app.ts';
import { inFolder, OWN_NAMES, SENDER } from './template.ts';

/** Returns the findings of the rule packs that no construct suppresses with a reason, each as `rule path`. */
function findings(options: Readonly<Record<string, unknown>>): string[] {
  return inFolder((outdir) => {
    const app = createApp({ outdir, context: { ...projectContext(options), 'aws:cdk:bundling-stacks': [] } });
    return [new AwsSolutionsChecks(), new ServerlessChecks()].flatMap((pack) =>
      pack
        .validateScope(app)
        .violations.flatMap(({ ruleName, violatingResources }) =>
          violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath ?? ''}`),
        ),
    );
  });
}

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['by default', { senderEmail: SENDER }],
  ['without uploads', { senderEmail: SENDER, uploads: 'off' }],
  ['for prod', { stage: 'prod', senderDomain: 'example.org', createIdentity: true }],
  [
    'with many options that add resources',
    {
      senderEmail: SENDER,
      alarmEmail: 'ops@example.org',
      storageClass: 'STANDARD_IA',
      apiLogRole: 'existing',
      oidcIssuer: 'https://login.example.org',
      oidcAudience: 'files',
      oidcTenantClaim: 'tenant',
      ...OWN_NAMES,
      fileTrail: true,
      webAclArn:
        'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/files/a1b2c3d4-5678-90ab-cdef-0123456789ab',
    },
  ],
  ['in a private network', { senderEmail: SENDER, network: 'private', networkCidrs: '10.0.0.0/8' }],
])('%s, every finding of cdk-nag is suppressed with a reason', (_name, options) => {
  expect(findings(options)).toEqual([]);
});
