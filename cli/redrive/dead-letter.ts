import type { Message } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { parseTokenId } from '../../lambda/operator.ts';
import { parseJson } from '../tvm/parse-json.ts';

/** What is shown of a message: IDs and times. The rest of the body is hidden, because bounces name recipients. */
export interface DeadLetter {
  readonly messageId: string;
  /** The link that the message is about, if it names one. */
  readonly tokenId?: string;
  /** When it was first sent: RFC 3339. */
  readonly sentAt: string;
  /** How often it was received, including by this command. */
  readonly received: number;
}

/** A message of the mail queue. */
const MailMessage = z.object({ tokenId: z.string() }).transform(({ tokenId }) => tokenId);

/** A message of the bounce queue: an SES event about the mail of a link or notice, as EventBridge delivers it. */
const BounceMessage = z
  .object({
    detail: z.object({
      mail: z.object({
        tags: z.object({ tokenId: z.array(z.string()).optional(), noticeOf: z.array(z.string()).optional() }),
      }),
    }),
  })
  .transform(({ detail: { mail } }) => (mail.tags.tokenId ?? mail.tags.noticeOf)?.[0] ?? '');

const AnyMessage = z.union([MailMessage, BounceMessage]);

/** Describes a message of either dead-letter queue. */
export function deadLetterOf({ MessageId = '', Body = '', Attributes = {} }: Message): DeadLetter {
  const tokenId = tokenIdIn(Body);
  return {
    messageId: MessageId,
    ...(tokenId !== undefined && { tokenId }),
    sentAt: new Date(Number(Attributes.SentTimestamp ?? 0)).toISOString(),
    received: Number(Attributes.ApproximateReceiveCount ?? 0),
  };
}

function tokenIdIn(body: string): string | undefined {
  const read = AnyMessage.safeParse(parseJson(body));
  return read.success ? parseTokenId(read.data) : undefined;
}
