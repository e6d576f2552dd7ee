import { secondsAfter } from '../../lambda/domain/ids.ts';
import { type MintRequest, mintToken } from '../../lambda/domain/mint-token.ts';
import { CALLER, sealed } from '../support/memory-world.ts';
import { assetName, tokenId } from '../support/values.ts';
import type { Entry } from './referee.ts';
import { FILE, type World } from './world.ts';

const LIFETIME_SECONDS = 900;

/** Puts the record of one API link for the current version of the file. */
export async function putLink(
  world: World,
  details: Pick<MintRequest, 'delivery'> & Partial<MintRequest>,
): Promise<Entry> {
  const file = await world.files.head(assetName(FILE));
  if (!file.ok) throw new Error('No file is offered');
  const minted = mintToken({
    tokenId: tokenId('a'.repeat(32)),
    asset: file.value,
    issuedBy: CALLER.arn,
    callerId: CALLER.id,
    issuedAt: world.now,
    expiresAt: secondsAfter(world.now, LIFETIME_SECONDS),
    open: 'confirm',
    ...details,
  });
  const record = sealed(world, minted);
  world.tables.rows('tokens').set(record.tokenId, { ...record });
  world.referee.open(record);
  const entry = world.referee.find(record.tokenId);
  if (entry === undefined) throw new Error('The referee has no entry for the link');
  return entry;
}
