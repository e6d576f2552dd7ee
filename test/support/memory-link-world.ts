import type { UploadId } from '../../lambda/domain/ids.ts';
import type { Incident, Report } from '../../lambda/domain/ports.ts';
import { finishLink } from '../../lambda/domain/upload-links/finish-link.ts';
import { type Invitation, type InviteRequest, invite } from '../../lambda/domain/upload-links/invite.ts';
import { finalizeFile } from '../../lambda/domain/upload-links/link-files.ts';
import { openFile } from '../../lambda/domain/upload-links/open-file.ts';
import type { FormSigner } from '../../lambda/domain/upload-links/ports.ts';
import type { UploadLink } from '../../lambda/domain/upload-links/upload-link.ts';
import type { Upload } from '../../lambda/domain/uploads/upload.ts';
import { FixedSigningKeys } from './fixed-signing-keys.ts';
import { MemoryLinkMailQueue, MemoryUploadLinkHistory, MemoryUploadLinks } from './memory-upload-links.ts';
import { createUploadWorld, TENANT, value } from './memory-upload-world.ts';
import { declared, pdf, type SampleFile } from './sample-files.ts';
import { email } from './values.ts';

const DAY_SECONDS = 86_400;

/** A form signer that copies everything it is asked to sign into the fields of the form. */
const forms: FormSigner = {
  presignForm: async ({ uploadId, size }, { seconds, returnTo }) => ({
    url: 'https://s3.test/',
    fields: {
      key: uploadId,
      most: String(size),
      seconds: String(seconds),
      success_action_redirect: returnTo,
    },
  }),
};

/** Creates the in-memory ports and settings of upload links, with the names that the domain uses. */
export function createLinkWorld() {
  const world = createUploadWorld();
  const incidents: Incident[] = [];
  const report: Report = (incident) => void incidents.push(incident);
  return {
    ...world,
    keys: new FixedSigningKeys(),
    links: new MemoryUploadLinks(),
    linkHistory: new MemoryUploadLinkHistory(),
    queue: new MemoryLinkMailQueue(),
    forms,
    report,
    incidents,
    limits: { ...world.limits, callerMailsPerDay: 3, programMailsPerDay: 100, sourcePerHour: 60 },
    uploadLimits: world.limits,
    isAllowedRecipient: () => true,
  };
}

export type LinkWorld = ReturnType<typeof createLinkWorld>;

/** Returns the request for an upload link, with details that a test can replace. */
export function inviteRequest(details: Partial<InviteRequest> = {}): InviteRequest {
  return {
    tenant: TENANT,
    inviter: 'arn:aws:sts::111122223333:assumed-role/reports',
    purpose: 'signed contract',
    to: email('ada@example.org'),
    notify: email('ines@example.org'),
    mostFiles: 2,
    language: 'en',
    lifetimeSeconds: 7 * DAY_SECONDS,
    ...details,
  };
}

/** Issues an upload link. */
export async function invited(world: LinkWorld, details: Partial<InviteRequest> = {}): Promise<Invitation> {
  return value(await invite(world, inviteRequest(details)));
}

/** Opens an upload through a link. */
export async function openedFile(
  world: LinkWorld,
  token: string,
  file: SampleFile = pdf(),
  fileName = 'report.pdf',
): Promise<Upload> {
  return value(await openFile(world, token, { ...declared(file, 'crc64nvme'), fileName }));
}

/** Opens an upload through a link, sends it as one part, and finalizes it. */
export async function sentFile(
  world: LinkWorld,
  token: string,
  file: SampleFile = pdf(),
  fileName = 'report.pdf',
): Promise<Upload> {
  const upload = await openedFile(world, token, file, fileName);
  const part = await world.quarantine.presignPart(upload, { partNumber: 1, size: file.size }, 120);
  if (world.quarantine.send(part, file) !== 200) throw new Error('S3 refused the part');
  return value(await finalizeFile(world, { token, uploadId: upload.uploadId }));
}

/** Sends a file and finishes the link. */
export async function finishedLink(world: LinkWorld, token: string): Promise<UploadLink> {
  await sentFile(world, token);
  return value(await finishLink(world, token)).link;
}

export function linkRow({ links }: LinkWorld, { linkId }: Pick<UploadLink, 'linkId'>): UploadLink {
  const row = links.rows.get(linkId);
  if (row === undefined) throw new Error('Unknown upload link');
  return row;
}

export function stateOfFile({ uploads }: LinkWorld, uploadId: UploadId): string | undefined {
  return uploads.rows.get(uploadId)?.state;
}
