import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, type KeyProps, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageName } from '../config.ts';
import { removalPolicyFor } from '../removal.ts';
import { setLogicalId } from './logical-id.ts';

/** Waiting period before a key is deleted. KMS allows 7 to 30 days. */
const PENDING_WINDOW = { dev: Duration.days(7), prod: Duration.days(30) } as const;

/**
 * Creates the four keys. IAM cannot restrict which messages a role passes to an HMAC key, so signing tokens and hashing
 * addresses need separate keys. KMS does not rotate HMAC keys, but the signing keys derived from them change monthly.
 */
export class Keys extends Construct {
  /**
   * Encrypts the tables, the bucket, and the queues for e-mails and failed events. Only this account's roles may use it.
   */
  readonly data: Key;
  /** Derives the monthly keys that sign tokens. */
  readonly signing: Key;
  /** Derives the key that hashes addresses and sources. */
  readonly pseudonym: Key;
  /** Encrypts messages from AWS services, such as bounces, verdicts, and alarms. The services can use no other key. */
  readonly notice: Key;
  readonly all: readonly Key[];

  constructor(scope: Construct, id: string, { stage }: { readonly stage: StageName }) {
    super(scope, id);
    const hmac = { keySpec: KeySpec.HMAC_256, keyUsage: KeyUsage.GENERATE_VERIFY_MAC };
    const key = (logicalId: string, props: KeyProps) => {
      const created = new Key(this, logicalId, {
        removalPolicy: removalPolicyFor(stage),
        pendingWindow: PENDING_WINDOW[stage],
        ...props,
      });
      setLogicalId(created, logicalId);
      return created;
    };
    this.data = key('DataKey', {
      description: 'Encrypts the files, tables, and mail queue of the token-vending machine',
      enableKeyRotation: true,
    });
    this.signing = key('SigningKey', {
      ...hmac,
      description: 'Derives the monthly keys that sign download tokens',
    });
    this.pseudonym = key('PseudonymKey', {
      ...hmac,
      description: 'Derives the key that hashes e-mail and source addresses',
    });
    this.notice = key('NoticeKey', {
      description: 'Encrypts alarms, and notices from AWS services, in transit',
      enableKeyRotation: true,
      // Nothing that this key encrypts outlives the stack.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.all = [this.data, this.signing, this.pseudonym, this.notice];
    this.#admitNotifiers();
  }

  /**
   * Lets CloudWatch encrypt alarms, and EventBridge encrypt bounces, verdicts, and key warnings. The EventBridge
   * statement has no source condition: Amazon SNS does not support one for EventBridge and encrypted topics, and would
   * silently drop messages (Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs"). The policies
   * of queues and topics still decide who can send.
   */
  #admitNotifiers(): void {
    const use = { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['*'] };
    this.notice.addToResourcePolicy(
      new PolicyStatement({
        ...use,
        sid: 'PassOnAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    this.notice.addToResourcePolicy(
      new PolicyStatement({
        ...use,
        sid: 'PassOnEvents',
        principals: [new ServicePrincipal('events.amazonaws.com')],
      }),
    );
  }
}
