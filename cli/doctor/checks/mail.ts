import type { Account, IdentityFacts, SendingFacts } from '../account.ts';
import { type Check, type Finding, fine, problem, warning } from '../finding.ts';

/** Share of the quota at which the check starts to warn. */
const NEARLY_USED = 0.8;

/**
 * Checks that SES sends e-mails, that the account has left the sandbox, and that its sending quota is large enough.
 *
 * @param mailLimit returns the deployment's own limit of e-mails per day, or `undefined` if it is unknown
 */
export function sendingCheck(
  account: Pick<Account, 'sending'>,
  mailLimit: () => Promise<number | undefined>,
): Check {
  return {
    name: 'SES account',
    permissions: ['ses:GetAccount', 'lambda:GetFunctionConfiguration'],
    look: async () => {
      const [facts, limit] = await Promise.all([account.sending(), mailLimit()]);
      return [sending(facts), sandbox(facts), quota(facts, limit)];
    },
  };
}

function sending({ enabled, enforcement }: SendingFacts): Finding {
  if (!enabled || enforcement === 'SHUTDOWN') {
    return problem('sending', `off (${enforcement})`, 'No mail is sent. Contact AWS Support about SES.');
  }
  return enforcement === 'HEALTHY'
    ? fine('sending', 'on')
    : warning('sending', `on, but under review (${enforcement})`, 'Check the bounces and complaints in SES.');
}

function sandbox({ sandbox: inside }: SendingFacts): Finding {
  return inside
    ? warning(
        'sandbox',
        'only verified addresses get mail',
        'Ask AWS for production access: docs/operations.md#the-sandbox.',
      )
    : fine('sandbox', 'not in the sandbox: every address gets mail');
}

function quota({ quota: most, sent }: SendingFacts, limit: number | undefined): Finding {
  const unlimited = most < 0;
  const found = `${sent}${unlimited ? '' : ` of ${most}`} e-mails sent in 24 hours`;
  if (unlimited) return fine('sending quota', found);
  if (sent >= most * NEARLY_USED) {
    return warning(
      'sending quota',
      found,
      'Ask AWS for a higher quota, or lower formMailLimitPerDay and programMailLimitPerDay.',
    );
  }
  return limit !== undefined && limit > most
    ? warning(
        'sending quota',
        found,
        `formMailLimitPerDay and programMailLimitPerDay add up to ${limit}. Keep the sum below the SES quota.`,
      )
    : fine('sending quota', found);
}

/** Checks that the sender is verified, that its e-mails are signed, and that bounces are not forwarded. */
export function senderCheck(account: Pick<Account, 'identity'>, senderEmail: string): Check {
  return {
    name: 'sender',
    permissions: ['ses:GetEmailIdentity'],
    look: async () => {
      const domain = senderEmail.slice(senderEmail.lastIndexOf('@') + 1);
      const [own, ofDomain] = await Promise.all([account.identity(senderEmail), account.identity(domain)]);
      const identities = [own, ofDomain].filter((identity) => identity !== undefined);
      return [verified(identities), dkim(identities), ...forwarding(identities)];
    },
  };
}

function verified(identities: readonly IdentityFacts[]): Finding {
  const verifiedOne = identities.find((identity) => identity.verified);
  if (verifiedOne !== undefined) return fine('sender', `${kindOf(verifiedOne)} is verified`);
  return problem(
    'sender',
    identities.length === 0 ? 'neither the address nor its domain is an SES identity' : 'not verified',
    'Open the link that SES mailed to the address, or set the DNS records: docs/operations.md#the-sender.',
  );
}

function dkim(identities: readonly IdentityFacts[]): Finding {
  if (identities.some((identity) => identity.dkim === 'SUCCESS')) return fine('DKIM', 'e-mails are signed');
  const pending = identities.some((identity) => identity.dkim === 'PENDING');
  return warning(
    'DKIM',
    pending ? 'the DNS records are not set yet' : 'e-mails are not signed for the domain of the sender',
    'Without DKIM, many mail servers reject the e-mails: docs/operations.md#the-sender.',
  );
}

/** Reports identities that forward bounces, because a bounced e-mail contains its link. */
function forwarding(identities: readonly IdentityFacts[]): readonly Finding[] {
  return identities
    .filter((identity) => identity.forwardsBounces)
    .map((identity) =>
      problem(
        'bounces',
        `bounced e-mails, with their links, are forwarded to a mailbox (${kindOf(identity)})`,
        'Turn off feedback forwarding for the identity: docs/operations.md#the-sender.',
      ),
    );
}

const kindOf = ({ name }: IdentityFacts): string => (name.includes('@') ? 'the address' : 'the domain');
