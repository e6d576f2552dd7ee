import { EventBus, type IRule, Rule } from 'aws-cdk-lib/aws-events';
import {
  type ConfigurationSet,
  ConfigurationSetEventDestination,
  EmailSendingEvent,
  EventDestination,
} from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import { ConsumedQueue, type ConsumedQueueProps } from './consumed-queue.ts';
import { setLogicalId } from './logical-id.ts';

/** `key` encrypts the queues, because events from SES name recipients. EventBridge must be allowed to use it. */
export interface BounceQueueProps extends Omit<ConsumedQueueProps, 'name'> {
  /** The configuration set that e-mails are sent with. Only their bounces and complaints are queued. */
  readonly sentUnder: ConfigurationSet;
}

/**
 * Creates the path for bounces and complaints: SES → EventBridge → queue. SES could also report them by mail, but a
 * bounce message contains the original e-mail with its token. It subscribes to no other events, because open and click
 * tracking would rewrite the links.
 */
export class BounceQueue extends ConsumedQueue {
  readonly rule: IRule;

  constructor(scope: Construct, id: string, { sentUnder, ...props }: BounceQueueProps) {
    super(scope, id, { ...props, name: 'Bounce' });
    const rule = new Rule(this, 'BounceRule', {
      description: 'Bounces and complaints about e-mails of this stack',
      eventPattern: {
        source: ['aws.ses'],
        detail: {
          eventType: ['Bounce', 'Complaint'],
          mail: { tags: { 'ses:configuration-set': [sentUnder.configurationSetName] } },
        },
      },
    });
    this.accept('TakeBounces', rule);
    const destination = new ConfigurationSetEventDestination(this, 'BounceEvents', {
      configurationSet: sentUnder,
      // SES publishes only to the default bus.
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'DefaultBus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    setLogicalId(rule, 'BounceRule');
    this.rule = rule;
    setLogicalId(destination, 'BounceEvents');
  }
}
