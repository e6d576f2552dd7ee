import { Duration, Stack } from 'aws-cdk-lib';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  Identity,
  MailFromBehaviorOnMxFailure,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Config, StageName } from '../config.ts';
import { removalPolicyFor } from '../removal.ts';
import { requiredToDeploy } from '../required-to-deploy.ts';
import { setLogicalId } from './logical-id.ts';
import { addSenderOutputs, mailFromDomain } from './sender-records.ts';

/**
 * Limits the delivery time to the longest that SES can be given, 14 hours (Amazon SES API v2 Reference,
 * DeliveryOptions).
 */
const LONGEST_DELIVERY_MINUTES = 14 * 60;

export interface MailSenderProps {
  readonly config: Config;
}

/** Creates the SES identity that sends the mails, and the configuration set with the rules for sending them. */
export class MailSender extends Construct {
  /** The sender's address. */
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

    const create = config.createIdentity ?? domain === undefined;
    const created = create ? this.#createIdentity(stage, this.address, domain) : undefined;
    addSenderOutputs(this, { address: this.address, domain }, created);

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
    setLogicalId(this.configurationSet, 'ConfigurationSet');
    this.configurationSetArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'configuration-set',
      resourceName: this.configurationSet.configurationSetName,
    });
  }

  /**
   * Creates the identity. An identity that exists already may serve another stack, too. This stack uses it as it is and
   * never removes it.
   */
  #createIdentity(stage: StageName, address: string, domain: string | undefined): EmailIdentity {
    const created = new EmailIdentity(this, 'SenderIdentity', {
      // A bounce notice by mail would carry the original, including the token, to the sender.
      feedbackForwarding: false,
      ...(domain === undefined
        ? { identity: Identity.email(address) }
        : {
            identity: Identity.domain(domain),
            mailFromDomain: mailFromDomain(domain),
            mailFromBehaviorOnMxFailure: MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
          }),
    });
    setLogicalId(created, 'SenderIdentity');
    created.applyRemovalPolicy(removalPolicyFor(stage));
    return created;
  }
}
