import { Aws, CfnOutput } from 'aws-cdk-lib';
import type { EmailIdentity } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';

/**
 * Returns the subdomain that bounces are sent to. With it, SPF covers the operator's domain instead of Amazon's (Amazon
 * SES Developer Guide, "Using a custom MAIL FROM domain").
 */
export function mailFromDomain(domain: string): string {
  return `bounces.${domain}`;
}

/**
 * Adds outputs that say what an operator must do before an identity can send. SES sends nothing from an identity
 * until its owner has verified it.
 *
 * @param created the identity, if this stack creates it
 */
export function addSenderOutputs(
  scope: Construct,
  sender: { readonly address: string; readonly domain: string | undefined },
  created: EmailIdentity | undefined,
): void {
  const output = (logicalId: string, value: string, description: string) =>
    new CfnOutput(scope, logicalId, { value, description }).overrideLogicalId(logicalId);
  const { address, domain } = sender;
  if (domain === undefined) {
    if (created) output('SenderToVerify', address, 'SES has mailed this address a link. Open it once');
    return;
  }
  for (const [index, { name, value }] of (created?.dkimRecords ?? []).entries()) {
    output(
      `DkimRecord${index + 1}`,
      `${name} CNAME ${value}`,
      'Add this record to the DNS of senderDomain. It proves ownership of the domain, and lets SES sign e-mails',
    );
  }
  if (created) {
    const from = mailFromDomain(domain);
    output(
      'SpfRecord',
      `${from} TXT "v=spf1 include:amazonses.com -all"`,
      'Add this record as well. It says who is allowed to send e-mails',
    );
    output(
      'MailFromRecord',
      `${from} MX 10 feedback-smtp.${Aws.REGION}.amazonses.com`,
      'Add this record as well. It routes returned e-mails to SES',
    );
  }
  output(
    'DmarcRecord',
    `_dmarc.${domain} TXT "v=DMARC1; p=quarantine"`,
    'Add this record unless the domain has one. It says what to do with unsigned e-mails from the domain',
  );
}
