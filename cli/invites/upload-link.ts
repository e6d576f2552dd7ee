import { z } from 'zod';
import { CommandFailure } from '../tvm/command-failure.ts';
import { AnyUpload } from '../uploads/upload.ts';

/** The response to `POST /upload-links`. Unless the link is mailed, it contains the URL, which is a secret. */
export const Invitation = z.looseObject({
  linkId: z.string(),
  expiresAt: z.iso.datetime(),
  url: z.url().exactOptional(),
});

/** An upload link as the API returns it to its inviter. `--json` also prints members that later versions add. */
export const UploadLink = z.looseObject({
  linkId: z.string(),
  state: z.enum(['open', 'finished', 'revoked', 'expired']),
  for: z.string(),
  to: z.string().exactOptional(),
  notify: z.string().exactOptional(),
  files: z.array(AnyUpload),
  mostFiles: z.int(),
  maxBytes: z.number(),
  types: z.array(z.string()),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().exactOptional(),
  revokedAt: z.iso.datetime().exactOptional(),
});
export type UploadLink = z.infer<typeof UploadLink>;

export const UploadLinkPage = z.object({ links: z.array(UploadLink), cursor: z.string().exactOptional() });

/**
 * Reads the ID of an upload link.
 *
 * @throws CommandFailure if the text is not the ID of an upload link. The message does not repeat the text, which may
 * be a secret.
 */
export function readLinkId(text: string): string {
  if (/^e[0-9a-f]{31}$/.test(text)) return text;
  throw new CommandFailure(
    'usage',
    'This is not the ID of an upload link.',
    'An ID is an "e" and 31 hexadecimal digits. "tvm invites" lists the IDs.',
  );
}
