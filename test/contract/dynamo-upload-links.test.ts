import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoUploadLinkHistory } from '../../lambda/adapters/dynamo-upload-link-history.ts';
import { DynamoUploadLinks } from '../../lambda/adapters/dynamo-upload-links.ts';
import { newLinkId, newUploadId, secondsAfter, type Tenant } from '../../lambda/domain/ids.ts';
import { lineOfLink } from '../../lambda/domain/upload-links/rewrite-link.ts';
import type { UploadLink } from '../../lambda/domain/upload-links/upload-link.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { createLinkWorld, invited } from '../support/memory-link-world.ts';
import { STRANGER, TENANT } from '../support/memory-upload-world.ts';
import { first } from './first-call.ts';

let dynamo: DynaliteServer;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.close());
afterEach(() => dynamo.clear('uploadLinks'));
const later = afterwards();

const stored = (url?: string) =>
  new DynamoUploadLinks(dynamo.client(url), { table: 'uploadLinks', retentionDays: 10 });

async function linkWith(details: Partial<UploadLink> = {}): Promise<UploadLink> {
  const { link } = await invited(createLinkWorld());
  return { ...link, linkId: newLinkId(), ...details };
}

const FILES = [{ uploadId: newUploadId(), fingerprint: 'f' }];

async function untold(now: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { linkId } of stored().untold(now)) ids.push(linkId);
  return ids;
}

describe('the upload link table', () => {
  test('returns a link unchanged, even to a caller that opens a different link with the same ID', async () => {
    const link = await linkWith({ digest: 'd' });
    expect(await stored().open(link)).toBe(link);
    expect(await stored().open({ ...link, purpose: 'another' })).toEqual(link);
    expect(await stored().find(link.linkId)).toEqual(link);
    expect(await stored().find(newLinkId())).toBeUndefined();
  });

  test('accepts only one of twenty changes to the same revision', async () => {
    const link = await linkWith();
    await stored().open(link);
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        stored().change(link, { ...link, revision: 1, purpose: `writer ${writer}` }),
      ),
    );
    expect(responses.filter((response) => response === 'changed')).toHaveLength(1);
  });

  test('reports a change as successful even if the response was lost', async () => {
    const link = await linkWith();
    await stored().open(link);
    const proxy = await startFaultProxy(dynamo.url, first('PutItem', 'lose-response'));
    later(proxy.close);
    const next = { ...link, revision: 1 };
    expect(await stored(proxy.url).change(link, next)).toBe('changed');
    expect(await stored().find(link.linkId)).toEqual(next);
  });

  test("lists a tenant's links newest first, a page at a time", async () => {
    const { issuedAt } = await linkWith();
    const own: string[] = [];
    for (const age of [0, 10, 20]) {
      const link = await linkWith({ issuedAt: secondsAfter(issuedAt, -age) });
      await stored().open(link);
      own.push(link.linkId);
    }
    await stored().open(await linkWith({ tenant: STRANGER as Tenant }));
    const first = await stored().ofTenant(TENANT, { limit: 2 });
    if (first.next === undefined) throw new Error('The list ended early');
    const second = await stored().ofTenant(TENANT, { limit: 2, after: first.next });
    expect([...first.links, ...second.links].map(({ linkId }) => linkId)).toEqual(own);
    expect(second.next).toBeUndefined();
  });

  test('finds only ended links that have files and whose inviters have not been notified', async () => {
    const expired = await linkWith({ files: FILES });
    const { expiresAt, issuedAt } = expired;
    const finished = await linkWith({ files: FILES, state: 'finished', endedAt: issuedAt });
    const others = [
      await linkWith(),
      await linkWith({ files: FILES, state: 'revoked', endedAt: issuedAt }),
      await linkWith({ files: FILES, state: 'finished', endedAt: issuedAt, told: true }),
    ];
    for (const link of [expired, finished, ...others]) await stored().open(link);
    expect(await untold(issuedAt)).toEqual([finished.linkId]);
    expect(await untold(expiresAt)).toEqual([finished.linkId, expired.linkId]);
  });
});

describe('the history of upload links', () => {
  test('returns each line once, oldest first, even for two e-mails at the same moment', async () => {
    const history = new DynamoUploadLinkHistory(dynamo.client(), {
      table: 'uploadHistory',
      retentionDays: 10,
    });
    const link = await linkWith();
    const { linkId, changedAt } = link;
    const at = new Date(changedAt.getTime() + 1000);
    const lines = [
      lineOfLink(link),
      { linkId, at, event: 'mailed', mail: 'arrived' } as const,
      { linkId, at, event: 'mailed', mail: 'received' } as const,
    ];
    for (const line of [...lines, ...lines]) await history.append(line);
    expect(await history.linesOf(linkId)).toEqual(lines);
    expect(await history.linesOf(newLinkId())).toEqual([]);
  });
});
