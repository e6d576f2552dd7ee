import { beforeEach, describe, expect, test } from '@jest/globals';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { createPagesHandler } from '../../lambda/handlers/pages.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { createRenewalsHandler } from '../../lambda/handlers/renewals.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';
import { putMailedRecord, tokenOf } from '../support/memory-world.ts';

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
});

const headersFor = (language: string | undefined) => ({ Accept: 'text/html', 'Accept-Language': language });

const form = (language: string | undefined, changed: Partial<HandlerWorld> = {}) =>
  call(createPagesHandler({ ...world, ...changed }), apiEvent('get-form', { headers: headersFor(language) }));

function ask(language: string | undefined, fields: Readonly<Record<string, string>> = {}) {
  const body = { email: 'ada@example.org', asset: 'report.pdf', ...fields };
  const event = apiEvent('post-token-json', { body, headers: headersFor(language) });
  return call(createMintHandler(world), event);
}

const minted = () => [...world.store.records.values()].map(({ language }) => language);

describe('a page', () => {
  test.each([
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr-CA', 'fr'],
    ['FR', 'fr'],
    ['es,fr;q=0.5,en;q=0.3', 'fr'],
    ['en;q=0.4,de;q=0.6', 'de'],
    ['nl', 'en'],
    ['de;q=0,*', 'en'],
    ['*', 'en'],
    ['', 'en'],
    [undefined, 'en'],
    ['\u0000;;q=x,,,', 'en'],
    ['de;q=0', 'en'],
  ])('for who reads %j is in %s, and says so', async (accepted, language) => {
    const { body, headers } = await form(accepted);
    expect(body).toContain(`<html lang="${language}"`);
    expect(headers['Content-Language']).toBe(language);
    expect(headers.Vary).toBe('Accept, Accept-Language');
  });

  test('is never in the language that somebody before asked for', async () => {
    await form('de');
    expect((await form('fr')).body).toContain('<html lang="fr"');
    expect((await form(undefined)).body).toContain('<html lang="en"');
  });

  test('carries the brand of the deployment in every language, under a policy that lets its style in', async () => {
    const brand = { name: 'Acme & Söhne', accent: '#336699', imprint: 'https://www.example.org/imprint' };
    for (const language of ['en', 'de', 'fr']) {
      const { body, headers } = await form(language, { brand });
      expect(body).toContain('<p>Acme &amp; Söhne</p>');
      expect(body).toContain('href="https://www.example.org/imprint"');
      expect(headers['Content-Security-Policy']).toMatch(/style-src 'sha256-\S+ 'sha256-/);
    }
  });

  test('of a refusal is in the language of its reader, also when something is down', async () => {
    const refused = await call(
      createRedeemHandler(world),
      apiEvent('post-redeem-form', { body: 'token=tvm_x', headers: headersFor('de') }),
    );
    expect([refused.status, refused.headers['Content-Language']]).toEqual([400, 'de']);
    const files = faulty(world.files, 'head', { lose: 'request', error: new Error('down') });
    const event = apiEvent('post-token-json', {
      body: { email: 'ada@example.org', asset: 'report.pdf' },
      headers: headersFor('fr'),
    });
    const failed = await call(createMintHandler({ ...world, files }), event);
    expect([failed.status, failed.headers['Content-Language']]).toEqual([500, 'fr']);
  });
});

describe('a program', () => {
  test('is answered in English, whatever it accepts', async () => {
    const event = apiEvent('post-token-json', {
      body: { email: 'nobody', asset: 'report.pdf' },
      headers: { Accept: 'application/json', 'Accept-Language': 'de' },
    });
    const answer = await call(createMintHandler(world), event);
    expect(answer.json).toMatchObject({ title: 'The request is not valid' });
    expect(answer.headers.Vary).toBe('Accept');
    expect(answer.headers['Content-Language']).toBeUndefined();
  });
});

describe('a mail', () => {
  test.each([
    ['de-CH', 'de'],
    ['fr', 'fr'],
    ['nl', 'en'],
    [undefined, 'en'],
  ] as const)('for who asked in %s will be in %s', async (accepted, language) => {
    expect((await ask(accepted)).status).toBe(202);
    expect(minted()).toEqual([language]);
  });

  test('with a new link is in the language of who presses the button now', async () => {
    await ask('de');
    const full = { ...world, report: world.telemetry.report };
    const [record] = world.store.records.values();
    if (record === undefined) throw new Error('nothing was minted');
    world.time.advance(900);
    const event = apiEvent('post-redeem-form', {
      route: 'POST /redeem/renew',
      body: `token=${tokenOf(full, record)}`,
      headers: headersFor('fr'),
    });
    expect((await call(createRenewalsHandler(world), event)).status).toBe(202);
    expect(minted()).toEqual(['de', 'fr']);
  });

  test('does not depend on anything that the address did before', async () => {
    await putMailedRecord({ ...world, report: world.telemetry.report });
    await ask('fr');
    expect(minted()).toEqual([undefined, 'fr']);
  });
});

describe('the way back to the form', () => {
  const BACK = '/?asset=report.pdf"';

  test('keeps the file after a request was accepted, and says when one may ask again', async () => {
    const limits = { ...world.limits, cooldownSeconds: 300 };
    const event = apiEvent('post-token-json', {
      body: { email: 'ada@example.org', asset: 'report.pdf' },
      headers: headersFor('en'),
    });
    const { body } = await call(createMintHandler({ ...world, limits }), event);
    expect(body).toContain(BACK);
    expect(body).toContain('ask again in 5 minutes');
  });

  test.each([
    ['an address that is none', { email: 'nobody' }],
    ['a throw-away address', { email: 'ada@mailinator.com' }],
  ])('keeps the file after %s', async (_what, fields) => {
    expect((await ask('en', fields)).body).toContain(BACK);
  });

  test('asks for another name where there is no file of this one, or it was no name', async () => {
    for (const asset of ['missing.pdf', '../report.pdf']) {
      const { body } = await ask('en', { asset });
      expect(body).not.toContain('?asset=');
      expect(body).not.toContain(asset);
    }
  });
});
