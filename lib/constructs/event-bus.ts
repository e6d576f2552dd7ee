import { EventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

/** Creates the event bus. Anyone in the account with permission to create rules can subscribe. */
export class OwnEventBus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { stackName }: { readonly stackName: string }) {
    super(scope, id);
    // A bus must have a name (Amazon EventBridge API Reference, "CreateEventBus").
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: stackName,
      description: 'Events of the token-vending machine for other systems',
    });
    setLogicalId(this.bus, 'EventBus');
  }

  /**
   * Denies everyone but one role permission to publish, whatever their policies allow, so that subscribers can trust
   * every event (Amazon EventBridge User Guide, "Permissions for event buses in Amazon EventBridge").
   */
  reserveFor({ roleArn }: IRole): void {
    this.bus.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyOurEvents',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['events:PutEvents'],
        resources: [this.bus.eventBusArn],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': roleArn } },
      }),
    );
  }
}
