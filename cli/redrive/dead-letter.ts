import type { Message } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { parseTokenId } from '../../lambda/operator.ts';

/** What is shown of a message: ids and times. Bounces name recipients, and so nothing else of a body is. */
export interface DeadLetter {
  readonly messageId: string;
  /** The link that it is about, if it says so. */
  readonly tokenId?: string;
  /** When it was sent for the first time, RFC 3339. */
  readonly sentAt: string;
  /** How often it was received, this look included. */
  readonly received: number;
}

/** A mail that was to be sent. */
const MailMessage = z.object({ tokenId: z.string() }).transform(({ tokenId }) => tokenId);

/** A bounce of a link or of a notice, as EventBridge passes it on from SES. */
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

/** What a message in either dead-letter queue is about. */
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
  const read = AnyMessage.safeParse(jsonOf(body));
  return read.success ? parseTokenId(read.data) : undefined;
}

/** What is no JSON names no link either. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
