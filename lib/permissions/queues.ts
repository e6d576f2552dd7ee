import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Parts } from '../capability.ts';
import { allow, through } from './statements.ts';

/** Allows Lambda to read an encrypted queue on behalf of its consumer. */
export function consume({ queueArn }: IQueue, key: IKey): readonly PolicyStatement[] {
  return [
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn]),
    through('sqs', key, ['kms:Decrypt']),
  ];
}

/** Allows queueing an e-mail. The queued message contains only IDs, and another function sends the e-mail. */
export function queueMail({ mail, keys }: Parts): readonly PolicyStatement[] {
  return [
    allow(['sqs:SendMessage'], [mail.queue.queueArn]),
    through('sqs', keys.data, ['kms:GenerateDataKey', 'kms:Decrypt']),
  ];
}
