import * as z from 'zod/mini';
import { type HandleBounceDependencies, handleBounce, type MailOutcome } from '../domain/handle-bounce.ts';
import { parseLinkId, parseTokenId } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';
import {
  type HandleLinkBounceDependencies,
  handleLinkBounce,
} from '../domain/upload-links/handle-link-bounce.ts';
import { createQueueHandler } from './queue-handler.ts';

/**
 * SES event that EventBridge forwards. Only the fields used here are read; the event also contains recipients.
 *
 * @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
const mail = z.object({
  tags: z.object({ tokenId: z.optional(z.array(z.string())), noticeOf: z.optional(z.array(z.string())) }),
});
const moment = z.pipe(
  z.iso.datetime(),
  z.transform((text) => new Date(text)),
);
const sesEvent = z.object({
  detail: z.discriminatedUnion('eventType', [
    z.object({
      eventType: z.literal('Bounce'),
      mail,
      bounce: z.object({ bounceType: z.string(), timestamp: moment }),
    }),
    z.object({ eventType: z.literal('Complaint'), mail, complaint: z.object({ timestamp: moment }) }),
  ]),
});

const MILESTONES: Partial<Record<Awaited<ReturnType<typeof handleBounce>>, Milestone>> = {
  bounced: 'MailBounced',
  complained: 'MailComplained',
};

export interface BouncesHandlerDependencies extends Omit<HandleBounceDependencies, 'report'> {
  readonly telemetry: Telemetry;
  /** Dependencies for bounced invitations; absent if uploads are turned off. */
  readonly uploadLinks?: HandleLinkBounceDependencies | undefined;
}

/** Creates the consumer of the bounce queue. */
export function createBouncesHandler(deps: BouncesHandlerDependencies) {
  const { telemetry } = deps;
  const domain = { ...deps, report: telemetry.report };

  return createQueueHandler(telemetry, 'bounce queue', async (json) => {
    const { detail } = sesEvent.parse(json);
    const noticeOf = parseTokenId(detail.mail.tags.noticeOf?.[0] ?? '');
    // A notice is about a link that has already been redeemed, finished, or expired, and does not contain it. So a
    // returned notice says nothing about whether the link reached its recipient.
    if (noticeOf !== undefined) return { outcome: 'notice-returned', tokenId: noticeOf };
    const mail = outcomeOf(detail);
    const { uploadLinks } = deps;
    const isInvitation = uploadLinks !== undefined && parseLinkId(mail.tokenId) !== undefined;
    const outcome = isInvitation
      ? await handleLinkBounce(uploadLinks, mail)
      : await handleBounce(domain, mail);
    const milestone = MILESTONES[outcome];
    return { outcome, tokenId: mail.tokenId, ...(milestone && { milestone }) };
  });
}

/**
 * Reads a bounce or complaint about one of our e-mails.
 *
 * @throws Error if the event has no valid token ID; the message does not repeat the invalid ID
 */
function outcomeOf(detail: z.output<typeof sesEvent>['detail']): MailOutcome {
  const tokenId = parseTokenId(detail.mail.tags.tokenId?.[0] ?? '');
  if (tokenId === undefined) throw new Error('The bounce has no valid token ID');
  if (detail.eventType === 'Complaint') {
    return { kind: 'complained', tokenId, at: detail.complaint.timestamp };
  }
  const { bounceType, timestamp } = detail.bounce;
  // An `Undetermined` bounce has an unknown cause, so it does not revoke the link.
  const bounce = bounceType === 'Permanent' ? 'permanent' : 'transient';
  return { kind: 'bounced', tokenId, at: timestamp, bounce };
}
