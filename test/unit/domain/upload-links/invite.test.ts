import { beforeEach, describe, expect, test } from '@jest/globals';
import { nameRequest } from '../../../../lambda/domain/idempotency.ts';
import { authenticateToken } from '../../../../lambda/domain/token.ts';
import { extendLink } from '../../../../lambda/domain/upload-links/extend-link.ts';
import { invite } from '../../../../lambda/domain/upload-links/invite.ts';
import { listOwnLinks } from '../../../../lambda/domain/upload-links/own-links.ts';
import { presentOpenLink } from '../../../../lambda/domain/upload-links/present-link.ts';
import { revokeLink } from '../../../../lambda/domain/upload-links/revoke-link.ts';
import { KeyedPseudonyms } from '../../../support/keyed-pseudonyms.ts';
import {
  createLinkWorld,
  finishedLink,
  invited,
  inviteRequest,
  type LinkWorld,
  linkRow,
  openedFile,
  sentFile,
  stateOfFile,
} from '../../../support/memory-link-world.ts';
import { STRANGER, TENANT, value } from '../../../support/memory-upload-world.ts';
import { pdf } from '../../../support/sample-files.ts';

const DAY = 86_400;
let world: LinkWorld;

beforeEach(() => {
  world = createLinkWorld();
});

const named = (body: string) => nameRequest(new KeyedPseudonyms(), { caller: TENANT, key: 'my-key', body });

describe('inviting an uploader', () => {
  test('the invitation is queued, and its token opens the link for seven days', async () => {
    const { link, token } = await invited(world);
    expect(token).toMatch(/^tvu_[A-Za-z0-9_-]{52}$/);
    expect(link.linkId).toMatch(/^e[0-9a-f]{31}$/);
    expect(world.queue.messages).toEqual([{ linkId: link.linkId, mail: 'invite' }]);
    expect(value(await presentOpenLink(world, token))).toEqual(link);
    world.time.advance(7 * DAY);
    expect(await presentOpenLink(world, token)).toMatchObject({
      error: { code: 'token_expired', at: link.expiresAt },
    });
  });

  test('the token of an upload link is not accepted as a download token', async () => {
    const { token } = await invited(world);
    expect(await authenticateToken(world, token)).toEqual({
      ok: false,
      error: { code: 'invalid_token' },
    });
  });

  test('a link without an addressee is not mailed', async () => {
    const { to: _, ...request } = inviteRequest();
    value(await invite(world, request));
    expect(world.queue.messages).toEqual([]);
  });

  test('a repeated request gets the same link and counts no e-mail, and a different request with the same key is refused', async () => {
    const first = value(await invite(world, inviteRequest(), await named('one')));
    const second = value(await invite(world, inviteRequest(), await named('one')));
    expect(second).toEqual(first);
    expect(world.quota.countOf('caller-mails/')).toBe(1);
    expect(await invite(world, inviteRequest(), await named('two'))).toMatchObject({
      error: { code: 'idempotency_key_reused' },
    });
  });

  test('two concurrent requests with the same key get the same link and count as one e-mail', async () => {
    const repetition = await named('one');
    const both = [invite(world, inviteRequest(), repetition), invite(world, inviteRequest(), repetition)];
    const [first, second] = await Promise.all(both);
    expect(second).toEqual(first);
    expect(world.quota.countOf('caller-mails/')).toBe(1);
  });

  test.each([
    ['upload_too_large', { mostBytes: 2 * 1024 ** 4 }],
    ['type_not_allowed', { types: ['application/pdf', 'text/html'] }],
  ] as const)("a link that exceeds the operator's limits is refused with %s", async (code, details) => {
    expect(await invite(world, inviteRequest(details))).toMatchObject({ error: { code } });
  });

  test('an address that the operator does not allow is refused', async () => {
    const deps = { ...world, isAllowedRecipient: () => false };
    expect(await invite(deps, inviteRequest())).toMatchObject({ error: { code: 'recipient_not_allowed' } });
  });

  test("invitations count against the caller's mail limit", async () => {
    for (let mail = 0; mail < 3; mail += 1) await invited(world);
    expect(await invite(world, inviteRequest())).toMatchObject({ error: { code: 'quota_exceeded' } });
  });
});

describe("a tenant's links", () => {
  test("links are listed newest first, a page at a time, without other tenants' links", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.unshift((await invited(world)).link.linkId);
      world.time.advance(1);
    }
    const first = await listOwnLinks(world, TENANT, { limit: 2 });
    const { next } = first;
    if (next === undefined) throw new Error('The list ended early');
    const second = await listOwnLinks(world, TENANT, { limit: 2, after: next });
    const listed = [...first.links, ...second.links].map(({ link }) => link.linkId);
    expect(listed).toEqual(ids);
    expect((await listOwnLinks(world, STRANGER, { limit: 2 })).links).toEqual([]);
  });
});

describe('extending an upload link', () => {
  const extend = (linkId: LinkWorld['queue']['messages'][number]['linkId'], days: number) =>
    extendLink(world, { linkId, tenant: TENANT, seconds: days * DAY });

  test('an expired link works again, with the same token', async () => {
    const { link, token } = await invited(world);
    world.time.advance(8 * DAY);
    value(await extend(link.linkId, 3));
    value(await presentOpenLink(world, token));
    expect(await world.linkHistory.eventsOf(link.linkId)).toEqual(['invited', 'extended']);
  });

  test('a repeated request changes nothing, and a link never gets an earlier expiry', async () => {
    const { link } = await invited(world);
    const extended = value(await extend(link.linkId, 10));
    expect(value(await extend(link.linkId, 10))).toEqual(extended);
    expect(value(await extend(link.linkId, 1))).toEqual(extended);
  });

  test('a link cannot be extended beyond 400 days after it was issued', async () => {
    const { link } = await invited(world);
    world.time.advance(399 * DAY);
    expect(await extend(link.linkId, 2)).toMatchObject({
      error: { code: 'invalid_request', field: 'expiresIn' },
    });
    value(await extend(link.linkId, 1));
  });

  test('a finished or revoked link cannot be extended', async () => {
    const finished = await invited(world);
    await finishedLink(world, finished.token);
    expect(await extend(finished.link.linkId, 1)).toMatchObject({ error: { code: 'token_redeemed' } });
    const revoked = await invited(world);
    value(await revokeLink(world, revoked.link.linkId, 'x'));
    expect(await extend(revoked.link.linkId, 1)).toMatchObject({ error: { code: 'token_revoked' } });
  });
});

describe('revoking an upload link', () => {
  test('the link accepts no more files, and half-sent files are cancelled', async () => {
    const { link, token } = await invited(world);
    const sent = await sentFile(world, token);
    const half = await openedFile(world, token, pdf('another one'));
    value(await revokeLink(world, link.linkId, 'arn:aws:iam::111122223333:user/ines'));
    expect(await presentOpenLink(world, token)).toMatchObject({ error: { code: 'token_revoked' } });
    expect(stateOfFile(world, half.uploadId)).toBe('expired');
    expect(stateOfFile(world, sent.uploadId)).toBe('finalized');
    const lines = await world.linkHistory.linesOf(link.linkId);
    expect(lines.at(-1)).toMatchObject({ event: 'revoked', by: 'arn:aws:iam::111122223333:user/ines' });
  });

  test('revoking again changes nothing, and a finished link cannot be revoked', async () => {
    const { link } = await invited(world);
    value(await revokeLink(world, link.linkId, 'x'));
    const row = linkRow(world, link);
    value(await revokeLink(world, link.linkId, 'y'));
    expect(linkRow(world, link)).toEqual(row);
    const finished = await invited(world);
    await finishedLink(world, finished.token);
    expect(await revokeLink(world, finished.link.linkId, 'x')).toMatchObject({
      error: { code: 'token_redeemed' },
    });
  });
});
