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

/** Longest delivery time that SES accepts (Amazon SES API v2 Reference, DeliveryOptions). */
const LONGEST_DELIVERY = Duration.hours(14);

/** Creates the configuration set that e-mails are sent with, and the sender's SES identity if it does not exist yet. */
export class MailSender extends Construct {
  readonly address: string;
  readonly configurationSet: ConfigurationSet;
  readonly configurationSetArn: string;

  constructor(scope: Construct, id: string, { config }: { readonly config: Config }) {
    super(scope, id);
    const { stage } = config;
    const domain =
      stage === 'prod' ? requiredToDeploy(this, 'senderDomain', config.senderDomain) : config.senderDomain;
    const fromDomain = config.senderDomain === undefined ? undefined : `files@${config.senderDomain}`;
    this.address = requiredToDeploy(this, 'senderEmail', config.senderEmail ?? fromDomain);

    const create = config.createIdentity ?? domain === undefined;
    const created = create ? this.#createIdentity(stage, this.address, domain) : undefined;
    addSenderOutputs(this, { address: this.address, domain }, created);

    // No event destination for opens or clicks, and no engagement metrics: each would rewrite the links.
    this.configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      sendingEnabled: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
      vdmOptions: { engagementMetrics: false },
      // A shorter time would suit form links only. Links of callers and upload links live for days, and their e-mails
      // must survive a mail server that is down or defers strangers. The page of an expired form link offers a new one.
      maxDeliveryDuration: LONGEST_DELIVERY,
    });
    setLogicalId(this.configurationSet, 'ConfigurationSet');
    this.configurationSetArn = Stack.of(this).formatArn({
      service: 'ses',
      resource: 'configuration-set',
      resourceName: this.configurationSet.configurationSetName,
    });
  }

  /**
   * Creates the identity. This is not called if the identity exists: other stacks may use it, so this stack neither
   * changes nor removes it.
   */
  #createIdentity(stage: StageName, address: string, domain: string | undefined): EmailIdentity {
    const created = new EmailIdentity(this, 'SenderIdentity', {
      // A bounce notice by mail would return the original message, including the token, to the sender.
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
