import type { LinkDescription, LinkState } from '../domain/describe-link.ts';
import type { Token } from '../domain/ids.ts';
import type { IssuedLink } from '../domain/issue-links.ts';
import type { TokenRecord } from '../domain/records.ts';
import { timestamp } from '../domain/timestamp.ts';

/** Paths of links. Links for people lead to the page with the button, and links for programs lead to the file. */
const PATHS = { confirm: 'redeem', direct: 'download' } as const;

/** Returns the URL of a link, or of a collection's page. It contains the token. */
export function linkAddress(origin: string, { open, files }: TokenRecord, token: Token): string {
  return `${origin}/${files ? 'collection' : PATHS[open]}?token=${token}`;
}

/** Returns a link in the format of the response to `POST /links`. */
export function newLink(link: IssuedLink, publicOrigin: string) {
  const { record, token } = link;
  const { tokenId, ...facts } = hiddenLink(link);
  return { tokenId, url: linkAddress(publicOrigin, record, token), token, ...facts };
}

/** Returns a new link without the token, for callers that do not want it. The presence code alone opens nothing. */
export function hiddenLink({ record: { tokenId, expiresAt, files }, presenceCode }: IssuedLink) {
  return {
    tokenId,
    expiresAt: timestamp(expiresAt),
    presenceCode,
    files: files?.map((file) => ({ tokenId: file.tokenId, asset: file.asset.name })),
  };
}

/** Returns a link in the format of the response to `GET /links`. It contains nothing that can be redeemed. */
export function linkView({ issued, files, mail, delivered, reissuedAt, ...standing }: LinkDescription) {
  const { tokenId, asset, fileName, size, at, expiresAt, issuedBy, open, delivery } = issued;
  const { allowedCidrs, address, note, notify, watermarkName, secondChance } = issued;
  const { contents, collection } = issued;
  const { state, ...ended } = stateView(standing);
  return {
    tokenId,
    asset,
    fileName,
    size,
    state,
    issuedAt: at,
    expiresAt: timestamp(expiresAt),
    issuedBy,
    open,
    ...(delivery === 'watermark' ? { delivery: 'stream', watermark: true } : { delivery }),
    watermarkName,
    secondChance,
    allowedCidrs,
    recipient: address,
    note,
    notify,
    mail,
    ...ended,
    contents,
    collection,
    files: files?.map((file) => ({ ...file, ...stateView(file) })),
    delivered,
    reissuedAt,
  };
}

function stateView({ state, redeemedAt, revokedAt, revokedReason }: LinkState) {
  return {
    state,
    ...(redeemedAt !== undefined && { redeemedAt: timestamp(redeemedAt) }),
    ...(revokedAt !== undefined && { revokedAt: timestamp(revokedAt) }),
    revokedReason,
  };
}
