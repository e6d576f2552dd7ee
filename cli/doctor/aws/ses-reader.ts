import { GetAccountCommand, GetEmailIdentityCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import type { IdentityFacts, SendingFacts } from '../account.ts';

/** @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html */
export async function readSending(client: SESv2Client): Promise<SendingFacts> {
  const account = await client.send(new GetAccountCommand({}));
  return {
    sandbox: account.ProductionAccessEnabled !== true,
    enabled: account.SendingEnabled === true,
    enforcement: account.EnforcementStatus ?? 'unknown',
    quota: account.SendQuota?.Max24HourSend ?? 0,
    sent: account.SendQuota?.SentLast24Hours ?? 0,
  };
}

/** @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html */
export async function readIdentity(client: SESv2Client, name: string): Promise<IdentityFacts | undefined> {
  try {
    const identity = await client.send(new GetEmailIdentityCommand({ EmailIdentity: name }));
    return {
      name,
      verified: identity.VerifiedForSendingStatus === true,
      dkim: identity.DkimAttributes?.Status ?? 'NOT_STARTED',
      forwardsBounces: identity.FeedbackForwardingStatus === true,
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return undefined;
    throw error;
  }
}
