import type { LinkDescription } from '../domain/describe-link.ts';
import type { IssuedLink } from '../domain/issue-links.ts';
import { timestamp } from '../domain/timestamp.ts';

/** Tells where a link leads: people to the page with the button, programs to the file. */
const PATHS = { confirm: 'redeem', direct: 'download' } as const;

/** Returns a link in the form that `POST /links` answers with. */
export function newLink(link: IssuedLink, publicOrigin: string) {
  const { record, token } = link;
  const url = `${publicOrigin}/${PATHS[record.open]}?token=${token}`;
  const { tokenId, ...rest } = hiddenLink(link);
  return { tokenId, url, token, ...rest };
}

/** Returns the same without the token, for a caller that did not ask for it. The code alone opens nothing. */
export function hiddenLink({ record: { tokenId, expiresAt }, presenceCode }: IssuedLink) {
  return { tokenId, expiresAt: timestamp(expiresAt), ...(presenceCode && { presenceCode }) };
}

/** Returns a link in the form that `GET /links` answers with. Nothing in it can be redeemed. */
export function linkView({ issued, state, mail, ...ended }: LinkDescription) {
  const { tokenId, asset, fileName, size, at, expiresAt, issuedBy, open, delivery } = issued;
  const { redeemedAt, revokedAt, revokedReason, delivered, reissuedAt } = ended;
  const { allowedCidrs, address, note, notify, watermarkName, secondChance } = issued;
  return {
    tokenId,
    asset,
    fileName,
    size,
    state,
    issuedAt: at.toISOString(),
    expiresAt: timestamp(expiresAt),
    issuedBy,
    open,
    ...(delivery === 'watermark' ? { delivery: 'stream', watermark: true } : { delivery }),
    ...(watermarkName !== undefined && { watermarkName }),
    ...(secondChance !== undefined && { secondChance }),
    ...(allowedCidrs && { allowedCidrs }),
    ...(address !== undefined && { recipient: address }),
    ...(note !== undefined && { note }),
    ...(notify !== undefined && { notify }),
    ...(mail && { mail: mailView(mail) }),
    ...(redeemedAt !== undefined && { redeemedAt: timestamp(redeemedAt) }),
    ...(revokedAt !== undefined && { revokedAt: timestamp(revokedAt) }),
    ...(revokedReason !== undefined && { revokedReason }),
    ...(delivered && { delivered: { ...delivered, at: delivered.at.toISOString() } }),
    ...(reissuedAt && { reissuedAt: reissuedAt.map((at) => at.toISOString()) }),
  };
}

function mailView({ state, at, remindedAt }: NonNullable<LinkDescription['mail']>) {
  return { state, at: at.toISOString(), ...(remindedAt && { remindedAt: remindedAt.toISOString() }) };
}
