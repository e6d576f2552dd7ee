import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueAccess } from '../../redrive/queues.ts';

let created = 0;

/** Creates an empty queue and its dead-letter queue, and returns access to both. */
export async function createQueues(sqs: SQSClient): Promise<QueueAccess> {
  created += 1;
  const create = async (QueueName: string) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
    return QueueUrl;
  };
  return {
    sqs,
    pair: { queue: await create(`queue-${created}`), deadLetters: await create(`dead-${created}`) },
    signal: new AbortController().signal,
  };
}
