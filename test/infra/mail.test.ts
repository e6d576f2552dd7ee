import { beforeAll, describe, expect, test } from '@jest/globals';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf } from './template.ts';

let template: Template;

beforeAll(() => {
  template = templateOf();
});

const identitiesOf = (options: Readonly<Record<string, unknown>>) =>
  resourcesOf(templateOf(options), 'AWS::SES::EmailIdentity').map(([, { Properties }]) =>
    inWords(Properties),
  );

describe('the mail queue', () => {
  test('gives a message up after five tries, and keeps it for a human for as long as SQS can', () => {
    const { RedrivePolicy } = resource(template, 'MailQueue').Properties;
    expect(inWords(RedrivePolicy)).toEqual({
      deadLetterTargetArn: '<MailDeadLetterQueue.Arn>',
      maxReceiveCount: 5,
    });
    expect(resource(template, 'MailDeadLetterQueue').Properties.MessageRetentionPeriod).toBe(14 * 86_400);
  });

  test('hides a message for six times what its consumer may take, and all tries fit into a link of 15 minutes', () => {
    const visibility = Number(resource(template, 'MailQueue').Properties.VisibilityTimeout);
    const timeout = Number(resource(template, 'MailFunction').Properties.Timeout);
    expect(visibility).toBeGreaterThanOrEqual(6 * timeout);
    expect(5 * visibility).toBeLessThanOrEqual(15 * 60);
  });

  test('returns single messages of a batch, to few consumers at once', () => {
    expect(inWords(resource(template, 'MailQueueMapping').Properties)).toMatchObject({
      EventSourceArn: '<MailQueue.Arn>',
      FunctionName: '<MailFunction>',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test('takes nothing over plain HTTP', () => {
    for (const queue of ['MailQueue', 'MailDeadLetterQueue']) {
      const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy').filter(([, { Properties }]) =>
        JSON.stringify(inWords(Properties.Queues)).includes(`"<${queue}>"`),
      );
      expect(JSON.stringify(policies)).toContain('"aws:SecureTransport":"false"');
    }
  });
});

describe('sending', () => {
  test('neither rewrites links nor goes unencrypted, minds the suppression list, and ends with the link', () => {
    const { DeliveryOptions, SuppressionOptions, TrackingOptions, VdmOptions, ReputationOptions } = resource(
      templateOf({ senderEmail: SENDER, linkLifetimeMinutes: 20 }),
      'ConfigurationSet',
    ).Properties;
    expect(DeliveryOptions).toEqual({ MaxDeliverySeconds: 1200, TlsPolicy: 'REQUIRE' });
    expect(SuppressionOptions).toEqual({ SuppressedReasons: ['BOUNCE', 'COMPLAINT'] });
    expect(TrackingOptions).toBeUndefined();
    expect(VdmOptions).toEqual({ DashboardOptions: { EngagementMetrics: 'DISABLED' } });
    expect(ReputationOptions).toEqual({ ReputationMetricsEnabled: true });
  });

  test('tries for no longer than SES can, however long links live', () => {
    const week = templateOf({ senderEmail: SENDER, linkLifetimeMinutes: 7 * 24 * 60 });
    const { DeliveryOptions } = resource(week, 'ConfigurationSet').Properties;
    expect(DeliveryOptions).toMatchObject({ MaxDeliverySeconds: 50_400 });
  });

  test('from an address makes its identity, which gets no returned mails', () => {
    expect(identitiesOf({ senderEmail: SENDER })).toEqual([
      { EmailIdentity: SENDER, FeedbackAttributes: { EmailForwardingEnabled: false } },
    ]);
  });

  test('says which address waits for its owner to prove it, and says so of a new identity alone', () => {
    expect(template.Outputs.SenderToVerify?.Value).toBe(SENDER);
    const existing = templateOf({ senderEmail: SENDER, createIdentity: 'false' });
    expect(existing.Outputs.SenderToVerify).toBeUndefined();
  });

  test('uses an identity that exists when told so, and leaves it to whoever made it', () => {
    expect(identitiesOf({ senderEmail: SENDER, createIdentity: 'false' })).toEqual([]);
    expect(identitiesOf({ senderDomain: 'example.org' })).toEqual([]);
  });

  test('from a domain makes its identity when told so, and says which DNS records it wants', () => {
    const domain = templateOf({ senderDomain: 'example.org', createIdentity: 'true' });
    expect(resource(domain, 'SenderIdentity').Properties).toMatchObject({ EmailIdentity: 'example.org' });
    expect(inWords(domain.Outputs.DkimRecord1?.Value)).toBe(
      '<SenderIdentity.DkimDNSTokenName1> CNAME <SenderIdentity.DkimDNSTokenValue1>',
    );
    expect(domain.Outputs.DkimRecord3).toBeDefined();
    expect(inWords(domain.Outputs.SpfRecord?.Value)).toBe(
      'bounces.example.org TXT "v=spf1 include:amazonses.com -all"',
    );
    expect(inWords(domain.Outputs.MailFromRecord?.Value)).toBe(
      'bounces.example.org MX 10 feedback-smtp.<AWS::Region>.amazonses.com',
    );
    expect(inWords(domain.Outputs.DmarcRecord?.Value)).toBe(
      '_dmarc.example.org TXT "v=DMARC1; p=quarantine"',
    );
  });

  test('from a domain sends in its name also towards SPF, and all the same while its records are missing', () => {
    const domain = templateOf({ senderDomain: 'example.org', createIdentity: 'true' });
    expect(resource(domain, 'SenderIdentity').Properties.MailFromAttributes).toEqual({
      MailFromDomain: 'bounces.example.org',
      BehaviorOnMxFailure: 'USE_DEFAULT_VALUE',
    });
  });

  test("from an identity that exists asks for the record that is its domain's alone", () => {
    const { DmarcRecord, SpfRecord, DkimRecord1 } = templateOf({ senderDomain: 'example.org' }).Outputs;
    expect(DmarcRecord).toBeDefined();
    expect([SpfRecord, DkimRecord1]).toEqual([undefined, undefined]);
  });

  test('from a domain goes from its files@ unless an address is given', () => {
    const senderOf = (options: Readonly<Record<string, unknown>>) => {
      const { Environment } = resource(templateOf(options), 'MailFunction').Properties;
      return (Environment as { Variables: Record<string, unknown> }).Variables.SENDER_EMAIL;
    };
    expect(senderOf({ senderDomain: 'example.org' })).toBe('files@example.org');
    expect(senderOf({ senderDomain: 'example.org', senderEmail: 'box@mail.example.org' })).toBe(
      'box@mail.example.org',
    );
  });
});

describe('a missing sender', () => {
  /** Parameters that the command line refuses to deploy without, and asks for in no other command. */
  const demanded = ({ Parameters }: Template) =>
    Object.entries(Parameters).flatMap(([name, { Default }]) => (Default === undefined ? [name] : []));

  test('is asked for by a deployment alone: the template is whole without it', () => {
    const nobody = templateOf({});
    expect(demanded(nobody)).toEqual(['SenderEmail']);
    expect(inWords(resource(nobody, 'SenderIdentity').Properties)).toMatchObject({
      EmailIdentity: '<SenderEmail>',
    });
  });

  test('is not asked for when there is one', () => {
    expect(demanded(templateOf({ senderEmail: SENDER }))).toEqual([]);
    expect(demanded(templateOf({ senderDomain: 'example.org' }))).toEqual([]);
  });

  test('in prod is a missing domain', () => {
    expect(demanded(templateOf({ stage: 'prod', senderEmail: SENDER }))).toEqual(['SenderDomain']);
    expect(demanded(templateOf({ stage: 'prod', senderDomain: 'example.org' }))).toEqual([]);
  });
});
