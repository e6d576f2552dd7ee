import type { Message } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { parseTokenId } from '../../lambda/operator.ts';
import { parseJson } from '../tvm/parse-json.ts';

/** A message's IDs and times. The rest of the body is not shown, because bounces name recipients. */
export interface DeadLetter {
  readonly messageId: string;
  /** The link that the message is about, if it names one. */
  readonly tokenId?: string;
  /** The upload that the message is about, if it names one. */
  readonly uploadId?: string;
  /** When it was first sent: RFC 3339. */
  readonly sentAt: string;
  /** The number of times it was received, including by this command. */
  readonly received: number;
}

const MailMessage = z.object({ tokenId: z.string() }).transform(({ tokenId }) => tokenId);

/** A message in the bounce queue: an SES event from EventBridge about an e-mail with a link, or about a notice. */
const BounceMessage = z
  .object({
    detail: z.object({
      mail: z.object({
        tags: z.object({ tokenId: z.array(z.string()).optional(), noticeOf: z.array(z.string()).optional() }),
      }),
    }),
  })
  .transform(({ detail: { mail } }) => (mail.tags.tokenId ?? mail.tags.noticeOf)?.[0] ?? '');

/** A message in the verdict queue: an S3 or GuardDuty event from EventBridge about the object of an upload. */
const VerdictMessage = z
  .object({
    detail: z.union([
      z.object({ object: z.object({ key: z.string() }) }).transform(({ object: { key } }) => key),
      z
        .object({ s3ObjectDetails: z.object({ objectKey: z.string() }) })
        .transform(({ s3ObjectDetails: { objectKey } }) => objectKey),
    ]),
  })
  .transform(({ detail }) => /^uploads\/(c[0-9a-f]{31})$/.exec(detail)?.[1]);

const LinkMessage = z.union([MailMessage, BounceMessage]);

/** Describes a message in a dead-letter queue. */
export function deadLetterOf({ MessageId = '', Body = '', Attributes = {} }: Message): DeadLetter {
  const tokenId = tokenIdIn(Body);
  const uploadId = VerdictMessage.safeParse(parseJson(Body)).data;
  return {
    messageId: MessageId,
    ...(tokenId !== undefined && { tokenId }),
    ...(uploadId !== undefined && { uploadId }),
    sentAt: new Date(Number(Attributes.SentTimestamp ?? 0)).toISOString(),
    received: Number(Attributes.ApproximateReceiveCount ?? 0),
  };
}

function tokenIdIn(body: string): string | undefined {
  const read = LinkMessage.safeParse(parseJson(body));
  return read.success ? parseTokenId(read.data) : undefined;
}
