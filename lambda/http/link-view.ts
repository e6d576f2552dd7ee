import type { LinkDescription } from '../domain/describe-link.ts';
import type { IssuedLink } from '../domain/issue-links.ts';
import { timestamp } from '../domain/timestamp.ts';

/** Tells where a link leads: people to the page with the button, programs to the file. */
const PATHS = { confirm: 'redeem', direct: 'download' } as const;

/** Returns a link in the form that `POST /links` answers with. */
export function newLink({ record, token }: IssuedLink, publicOrigin: string) {
  const { tokenId, open, expiresAt } = record;
  const url = `${publicOrigin}/${PATHS[open]}?token=${token}`;
  return { tokenId, url, token, expiresAt: timestamp(expiresAt) };
}

/** Returns the same without the token, for a caller that did not ask for it. */
export function hiddenLink({ record: { tokenId, expiresAt } }: IssuedLink) {
  return { tokenId, expiresAt: timestamp(expiresAt) };
}

/** Returns a link in the form that `GET /links` answers with. Nothing in it can be redeemed. */
export function linkView({ issued, state, mail, ...ended }: LinkDescription) {
  const { tokenId, asset, fileName, size, at, expiresAt, issuedBy, open, delivery } = issued;
  const { redeemedAt, revokedAt, delivered, reissuedAt } = ended;
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
    ...(delivered && { delivered: { ...delivered, at: delivered.at.toISOString() } }),
    ...(reissuedAt && { reissuedAt: reissuedAt.map((at) => at.toISOString()) }),
  };
}

function mailView({ state, at, remindedAt }: NonNullable<LinkDescription['mail']>) {
  return { state, at: at.toISOString(), ...(remindedAt && { remindedAt: remindedAt.toISOString() }) };
}
