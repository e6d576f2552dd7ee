import type { Authorize } from '../access.ts';
import type { BusEvent } from './event.ts';
import type { EventRule, RuleTarget } from './rule.ts';

/** Sends an event to a target of a rule. */
export type Deliver = (rule: EventRule, target: RuleTarget, event: BusEvent) => Promise<void>;

export interface Targets {
  readonly accountId: string;
  readonly authorize: Authorize;
  sendMessage(queueUrl: string, body: string): Promise<unknown>;
  invoke(functionArn: string, event: unknown): Promise<unknown>;
}

/** The service principal that the targets' policies must allow. */
const EVENTBRIDGE = 'events.amazonaws.com';

/**
 * Delivers events as EventBridge's service principal. Only the resource policies of a queue, its key, or a function can
 * grant permissions to that principal. As on AWS, an event that IAM denies is dropped without a retry.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
export const deliverTo =
  ({ accountId, authorize, sendMessage, invoke }: Targets): Deliver =>
  async (rule, { kind, arn, ref, input }, event) => {
    const decision = await authorize({
      accessKeyId: EVENTBRIDGE,
      action: kind === 'queue' ? 'sqs:SendMessage' : 'lambda:InvokeFunction',
      resource: arn,
      signatureAgeMs: 0,
      conditions: {
        'aws:SecureTransport': 'true',
        'aws:SourceArn': rule.arn,
        'aws:SourceAccount': accountId,
      },
    });
    if (!decision.allowed) return;
    const body = input ?? JSON.stringify(event);
    await (kind === 'queue' ? sendMessage(ref, body) : invoke(arn, JSON.parse(body)));
  };
