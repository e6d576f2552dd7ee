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
  test('moves a message to the dead-letter queue after five attempts, and keeps it there for 14 days', () => {
    const { RedrivePolicy } = resource(template, 'MailQueue').Properties;
    expect(inWords(RedrivePolicy)).toEqual({
      deadLetterTargetArn: '<MailDeadLetterQueue.Arn>',
      maxReceiveCount: 5,
    });
    expect(resource(template, 'MailDeadLetterQueue').Properties.MessageRetentionPeriod).toBe(14 * 86_400);
  });

  test("hides a message for six times its consumer's timeout, and fits all attempts into 15 minutes", () => {
    const visibility = Number(resource(template, 'MailQueue').Properties.VisibilityTimeout);
    const timeout = Number(resource(template, 'MailFunction').Properties.Timeout);
    expect(visibility).toBeGreaterThanOrEqual(6 * timeout);
    expect(5 * visibility).toBeLessThanOrEqual(15 * 60);
  });

  test('has at most two consumers at a time, and retries only the messages that failed', () => {
    expect(inWords(resource(template, 'MailQueueMapping').Properties)).toMatchObject({
      EventSourceArn: '<MailQueue.Arn>',
      FunctionName: '<MailFunction>',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test('rejects plain HTTP', () => {
    for (const queue of ['MailQueue', 'MailDeadLetterQueue']) {
      const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy').filter(([, { Properties }]) =>
        JSON.stringify(inWords(Properties.Queues)).includes(`"<${queue}>"`),
      );
      expect(JSON.stringify(policies)).toContain('"aws:SecureTransport":"false"');
    }
  });
});

describe('a deployment that sends mail', () => {
  test('does not rewrite links, requires TLS, and uses the suppression list', () => {
    const { DeliveryOptions, SuppressionOptions, TrackingOptions, VdmOptions, ReputationOptions } = resource(
      templateOf({ senderEmail: SENDER }),
      'ConfigurationSet',
    ).Properties;
    expect(DeliveryOptions).toMatchObject({ TlsPolicy: 'REQUIRE' });
    expect(SuppressionOptions).toEqual({ SuppressedReasons: ['BOUNCE', 'COMPLAINT'] });
    expect(TrackingOptions).toBeUndefined();
    expect(VdmOptions).toEqual({ DashboardOptions: { EngagementMetrics: 'DISABLED' } });
    expect(ReputationOptions).toEqual({ ReputationMetricsEnabled: true });
  });

  test.each([5, 15, 7 * 24 * 60])(
    'tries to deliver for 14 hours, whatever the lifetime of form links, because callers issue links for days (%i)',
    (linkLifetimeMinutes) => {
      const { DeliveryOptions } = resource(
        templateOf({ senderEmail: SENDER, linkLifetimeMinutes }),
        'ConfigurationSet',
      ).Properties;
      expect(DeliveryOptions).toMatchObject({ MaxDeliverySeconds: 50_400 });
    },
  );

  test('from an address creates its identity, and turns off the forwarding of bounces', () => {
    expect(identitiesOf({ senderEmail: SENDER })).toEqual([
      { EmailIdentity: SENDER, FeedbackAttributes: { EmailForwardingEnabled: false } },
    ]);
  });

  test('from a new identity outputs the address to verify, but from an existing one does not', () => {
    expect(template.Outputs.SenderToVerify?.Value).toBe(SENDER);
    const existing = templateOf({ senderEmail: SENDER, createIdentity: 'false' });
    expect(existing.Outputs.SenderToVerify).toBeUndefined();
  });

  test('with createIdentity=false uses an existing identity without managing it', () => {
    expect(identitiesOf({ senderEmail: SENDER, createIdentity: 'false' })).toEqual([]);
    expect(identitiesOf({ senderDomain: 'example.org' })).toEqual([]);
  });

  test('from a domain with createIdentity=true creates its identity and outputs the necessary DNS records', () => {
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

  test('from a domain uses a MAIL FROM subdomain, or the domain of SES while that subdomain has no DNS records', () => {
    const domain = templateOf({ senderDomain: 'example.org', createIdentity: 'true' });
    expect(resource(domain, 'SenderIdentity').Properties.MailFromAttributes).toEqual({
      MailFromDomain: 'bounces.example.org',
      BehaviorOnMxFailure: 'USE_DEFAULT_VALUE',
    });
  });

  test('from an existing identity outputs only the DMARC record', () => {
    const { DmarcRecord, SpfRecord, DkimRecord1 } = templateOf({ senderDomain: 'example.org' }).Outputs;
    expect(DmarcRecord).toBeDefined();
    expect([SpfRecord, DkimRecord1]).toEqual([undefined, undefined]);
  });

  test('from a domain uses files@ at that domain unless senderEmail is set', () => {
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

describe('the parameter for the sender', () => {
  /** Returns the parameters that `cdk deploy` requires. No other command needs them. */
  const demanded = ({ Parameters }: Template) =>
    Object.entries(Parameters).flatMap(([name, { Default }]) => (Default === undefined ? [name] : []));

  test('is required for deployment if no option sets the sender, but the template is complete without it', () => {
    const nobody = templateOf({});
    expect(demanded(nobody)).toEqual(['SenderEmail']);
    expect(inWords(resource(nobody, 'SenderIdentity').Properties)).toMatchObject({
      EmailIdentity: '<SenderEmail>',
    });
  });

  test('does not exist in dev if senderEmail or senderDomain is set', () => {
    expect(demanded(templateOf({ senderEmail: SENDER }))).toEqual([]);
    expect(demanded(templateOf({ senderDomain: 'example.org' }))).toEqual([]);
  });

  test('asks for the domain in prod, even if senderEmail is set, and does not exist if senderDomain is set', () => {
    expect(demanded(templateOf({ stage: 'prod', senderEmail: SENDER }))).toEqual(['SenderDomain']);
    expect(demanded(templateOf({ stage: 'prod', senderDomain: 'example.org' }))).toEqual([]);
  });
});
