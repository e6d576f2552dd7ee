import { GetAccountCommand, SESv2Client, type SendQuota } from '@aws-sdk/client-sesv2';
import type { Connection } from '../tvm/connection.ts';
import type { Io } from '../tvm/io.ts';

/** How fast e-mails can be sent, and how many. */
export interface Allowance {
  /** E-mails per second. */
  readonly rate: number;
  /** E-mails that the account can still send today. */
  readonly left: number;
}

/** Share of the rate that a list can use. The rest is for other e-mails, such as form links. */
const SHARE = 0.8;

/** Maximum rate. A higher one would only fill the queue: at most two invocations run at a time, and each sends one e-mail. */
const MOST_PER_SECOND = 10;

/**
 * Reads from SES how many e-mails the account can send. Local mode has no such limits.
 *
 * @param wanted the operator's limit per second
 * @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendQuota.html
 */
export async function readAllowance(
  { kind, settings }: Connection,
  wanted = Number.POSITIVE_INFINITY,
): Promise<Allowance> {
  if (kind === 'local') return { rate: wanted, left: Number.POSITIVE_INFINITY };
  const client = new SESv2Client(settings('ses'));
  try {
    const { SendQuota: quota = {} } = await client.send(new GetAccountCommand({}));
    return allowanceOf(quota, wanted);
  } finally {
    client.destroy();
  }
}

/** Computes an allowance from the SES quota. A daily quota of -1 means unlimited. */
export function allowanceOf(quota: SendQuota, wanted: number): Allowance {
  const { MaxSendRate = 1, Max24HourSend = 0, SentLast24Hours = 0 } = quota;
  const left = Max24HourSend < 0 ? Number.POSITIVE_INFINITY : Max24HourSend - SentLast24Hours;
  return {
    rate: Math.min(MaxSendRate * SHARE, MOST_PER_SECOND, wanted),
    left: Math.max(0, Math.floor(left)),
  };
}

/**
 * Creates a function that waits until it is time for the next e-mail.
 *
 * @param rate e-mails per second
 */
export function createPace(
  { now, wait, signal }: Pick<Io, 'now' | 'wait' | 'signal'>,
  rate: number,
): () => Promise<unknown> {
  let free = now().getTime();
  return async () => {
    const at = now().getTime();
    const turn = Math.max(free, at);
    free = turn + 1000 / rate;
    if (turn > at) await wait(turn - at, signal);
  };
}
