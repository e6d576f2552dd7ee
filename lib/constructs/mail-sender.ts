import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Config, StageName } from '../config.ts';
import { removalPolicyFor } from '../removal.ts';
import { requiredToDeploy } from '../required-to-deploy.ts';
import { nameResource } from './stable-name.ts';

/** The longest delivery that SES can be given: 14 hours (Amazon SES API v2 Reference, DeliveryOptions). */
const LONGEST_DELIVERY_MINUTES = 14 * 60;

export interface MailSenderProps {
  readonly config: Config;
}

/** Who mails come from, and the rules SES sends them under. */
export class MailSender extends Construct {
  /** The address that mails come from. */
  readonly address: string;
  readonly configurationSet: ConfigurationSet;
  readonly configurationSetArn: string;

  constructor(scope: Construct, id: string, { config }: MailSenderProps) {
    super(scope, id);
    const { stage, linkLifetimeMinutes } = config;
    const domain =
      stage === 'prod' ? requiredToDeploy(this, 'senderDomain', config.senderDomain) : config.senderDomain;
    const fromDomain = config.senderDomain === undefined ? undefined : `files@${config.senderDomain}`;
    this.address = requiredToDeploy(this, 'senderEmail', config.senderEmail ?? fromDomain);

    if (config.createIdentity ?? domain === undefined) {
      const identity = domain === undefined ? Identity.email(this.address) : Identity.domain(domain);
      this.#announceProof(this.#createIdentity(stage, identity), domain);
    }

    // No event destination for opens and clicks and no engagement metrics: either would rewrite the links.
    this.configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      sendingEnabled: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
      vdmOptions: { engagementMetrics: false },
      // A link that arrives expired helps nobody.
      maxDeliveryDuration: Duration.minutes(Math.min(linkLifetimeMinutes, LONGEST_DELIVERY_MINUTES)),
    });
    nameResource(this.configurationSet, 'ConfigurationSet');
    this.configurationSetArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'configuration-set',
      resourceName: this.configurationSet.configurationSetName,
    });
  }

  /** An identity that exists already, perhaps for another stack too, is used as it is and never removed from here. */
  #createIdentity(stage: StageName, identity: Identity): EmailIdentity {
    // A bounce notice by mail carries the original, token included, to the sender.
    const created = new EmailIdentity(this, 'SenderIdentity', { identity, feedbackForwarding: false });
    nameResource(created, 'SenderIdentity');
    created.applyRemovalPolicy(removalPolicyFor(stage));
    return created;
  }

  /** SES creates an identity at once, and sends nothing from it until its owner has proven it. */
  #announceProof({ dkimRecords }: EmailIdentity, domain: string | undefined): void {
    const output = (logicalId: string, value: string, description: string) =>
      new CfnOutput(this, logicalId, { value, description }).overrideLogicalId(logicalId);
    if (domain === undefined) {
      output('SenderToVerify', this.address, 'SES has mailed a link to this address; open it once');
      return;
    }
    for (const [index, { name, value }] of dkimRecords.entries()) {
      output(
        `DkimRecord${index + 1}`,
        `${name} CNAME ${value}`,
        'Put this record into the DNS of senderDomain',
      );
    }
  }
}
