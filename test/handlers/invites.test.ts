import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Tenant } from '../../lambda/domain/ids.ts';
import { createInvitesHandler } from '../../lambda/handlers/invites.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { KeyedPseudonyms } from '../support/keyed-pseudonyms.ts';
import { createLinkWorld, finishedLink, type LinkWorld, sentFile } from '../support/memory-link-world.ts';
import { MemoryTelemetry } from '../support/memory-telemetry.ts';

let world: LinkWorld;
let telemetry: MemoryTelemetry;

beforeEach(() => {
  world = createLinkWorld();
  telemetry = new MemoryTelemetry();
});

const ASKED = { for: 'signed contract', to: 'ada@example.org' };

function send(route: NonNullable<RequestDetails['route']>, details: RequestDetails = {}) {
  const verify = async (bearer: string) => (bearer === 'good' ? ('oidc:acme' as Tenant) : undefined);
  const deps = {
    ...world,
    telemetry,
    pseudonyms: new KeyedPseudonyms(),
    publicOrigin: PUBLIC_ORIGIN,
    verify,
  };
  return call(createInvitesHandler(deps), apiEvent('post-links-iam', { body: null, ...details, route }));
}

const make = (body: object = ASKED, details: RequestDetails = {}) =>
  send('POST /upload-links', { ...details, body });

const linkIdOf = ({ json }: { json: Readonly<Record<string, unknown>> }) => String(json.linkId);
const tokenIn = (url: unknown) => new URL(String(url)).searchParams.get('token') ?? '';

describe('POST /upload-links', () => {
  test('a mailed link is not in the response unless the caller asks for it', async () => {
    const hidden = await make();
    expect(hidden.status).toBe(201);
    expect(Object.keys(hidden.json)).toEqual(['linkId', 'expiresAt']);
    expect((await make({ ...ASKED, reveal: true })).json.url).toMatch(`${PUBLIC_ORIGIN}/upload?token=tvu_`);
    expect((await make({ for: 'signed contract' })).json.url).toMatch(`${PUBLIC_ORIGIN}/upload?token=tvu_`);
  });

  test('a repeated request with the same Idempotency-Key gets the same link', async () => {
    const headers = { 'Idempotency-Key': 'k1' };
    expect((await make(ASKED, { headers })).json).toEqual((await make(ASKED, { headers })).json);
  });

  test.each<[string, object]>([
    ['for', { to: 'ada@example.org' }],
    ['for', { for: 'two\nlines' }],
    ['for', { for: ' ' }],
    ['for', { for: 'x'.repeat(201) }],
    ['to', { ...ASKED, to: 'ada' }],
    ['notify', { ...ASKED, notify: 'a@b@c' }],
    ['files', { ...ASKED, files: 21 }],
    ['files', { ...ASKED, files: 0 }],
    ['maxBytes', { ...ASKED, maxBytes: 2 ** 53 }],
    ['types', { ...ASKED, types: [] }],
    ['types', { ...ASKED, types: ['PDF'] }],
    ['expiresIn', { ...ASKED, expiresIn: 299 }],
    ['expiresIn', { ...ASKED, expiresIn: 61 * 86_400 }],
    ['body', { ...ASKED, open: true }],
  ])('an invalid %s is refused, and the problem names it', async (field, body) => {
    expect((await make(body)).json).toMatchObject({ code: 'invalid_request', field });
  });
});

describe('/upload-links/{linkId}', () => {
  test('a link is listed and shown with its files, but without its token', async () => {
    const made = await make({ ...ASKED, reveal: true, notify: 'ines@example.org' });
    const path = { linkId: linkIdOf(made) };
    await sentFile(world, tokenIn(made.json.url));
    const shown = await send('GET /upload-links/{linkId}', { path });
    expect(shown.json).toMatchObject({
      ...path,
      state: 'open',
      for: 'signed contract',
      to: 'ada@example.org',
      notify: 'ines@example.org',
      files: [{ fileName: 'report.pdf', size: 2048, state: 'finalized' }],
      mostFiles: 1,
    });
    expect(shown.body).not.toContain('tvu_');
    expect((await send('GET /upload-links')).json).toEqual({ links: [shown.json] });
  });

  test('a link can be extended, but not once it has been revoked', async () => {
    const path = { linkId: linkIdOf(await make()) };
    const extended = await send('POST /upload-links/{linkId}/extend', {
      path,
      body: { expiresIn: 30 * 86_400 },
    });
    expect(extended.json).toMatchObject({ expiresAt: '2031-06-16T10:20:30Z' });
    expect((await send('DELETE /upload-links/{linkId}', { path })).status).toBe(204);
    expect((await send('GET /upload-links/{linkId}', { path })).json).toMatchObject({
      state: 'revoked',
      revokedAt: '2031-05-17T10:20:30Z',
    });
    const late = await send('POST /upload-links/{linkId}/extend', { path, body: { expiresIn: 300 } });
    expect([late.status, late.json.code]).toEqual([409, 'token_revoked']);
  });

  test('a finished link can no longer be revoked', async () => {
    const made = await make({ for: 'signed contract' });
    await finishedLink(world, tokenIn(made.json.url));
    const revoked = await send('DELETE /upload-links/{linkId}', { path: { linkId: linkIdOf(made) } });
    expect([revoked.status, revoked.json.code]).toEqual([409, 'token_redeemed']);
  });
});
