import { beforeEach, describe, expect, test } from '@jest/globals';
import { LANGUAGES } from '../../lambda/domain/language.ts';
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

function request(language: string | undefined, fields: Readonly<Record<string, string>> = {}) {
  const body = { email: 'ada@example.org', asset: 'report.pdf', ...fields };
  const event = apiEvent('post-token-json', { body, headers: headersFor(language) });
  return call(createMintHandler(world), event);
}

const languagesOfLinks = () => [...world.store.records.values()].map(({ language }) => language);

describe('the language of a page', () => {
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
  ])(
    'a page for Accept-Language %j is in "%s", and has that Content-Language',
    async (accepted, language) => {
      const { body, headers } = await form(accepted);
      expect(body).toContain(`<html lang="${language}"`);
      expect(headers['Content-Language']).toBe(language);
      expect(headers.Vary).toBe('Accept, Accept-Language');
    },
  );

  test('the language of a page does not depend on earlier requests', async () => {
    await form('de');
    expect((await form('fr')).body).toContain('<html lang="fr"');
    expect((await form(undefined)).body).toContain('<html lang="en"');
  });

  test('a page shows the brand in every language, and its policy allows the style sheet with the accent color', async () => {
    const brand = { name: 'Acme & Söhne', accent: '#336699', imprint: 'https://www.example.org/imprint' };
    for (const language of LANGUAGES) {
      const { body, headers } = await form(language, { brand });
      expect(body).toContain('<p>Acme &amp; Söhne</p>');
      expect(body).toContain('href="https://www.example.org/imprint"');
      expect(headers['Content-Security-Policy']).toMatch(/style-src 'sha256-\S+ 'sha256-/);
    }
  });

  test('an error page is in the language of the reader, even after an unexpected error', async () => {
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

describe('the language of an API response', () => {
  test('a problem in JSON is in English, whatever the Accept-Language', async () => {
    const event = apiEvent('post-token-json', {
      body: { email: 'nobody', asset: 'report.pdf' },
      headers: { Accept: 'application/json', 'Accept-Language': 'de' },
    });
    const response = await call(createMintHandler(world), event);
    expect(response.json).toMatchObject({ title: 'The request is not valid' });
    expect(response.headers.Vary).toBe('Accept');
    expect(response.headers['Content-Language']).toBeUndefined();
  });
});

describe('the language of an e-mail', () => {
  test.each([
    ['de-CH', 'de'],
    ['fr', 'fr'],
    ['nl', 'en'],
    [undefined, 'en'],
  ] as const)('an e-mail requested with Accept-Language %s is in "%s"', async (accepted, language) => {
    expect((await request(accepted)).status).toBe(202);
    expect(languagesOfLinks()).toEqual([language]);
  });

  test('the e-mail with a renewed link is in the language of the renewal request', async () => {
    await request('de');
    const [record] = world.store.records.values();
    if (record === undefined) throw new Error('no link was issued');
    world.time.advance(900);
    const event = apiEvent('post-redeem-form', {
      route: 'POST /redeem/renew',
      body: `token=${tokenOf(world, record)}`,
      headers: headersFor('fr'),
    });
    expect((await call(createRenewalsHandler(world), event)).status).toBe(202);
    expect(languagesOfLinks()).toEqual(['de', 'fr']);
  });

  test('the language of an e-mail does not depend on earlier links to its address', async () => {
    await putMailedRecord(world);
    await request('fr');
    expect(languagesOfLinks()).toEqual([undefined, 'fr']);
  });
});

describe('the link back to the form', () => {
  const BACK = '/?asset=report.pdf"';

  test('the response to an accepted request links to the form for the same file, and says when to try again', async () => {
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
    ['an invalid address', { email: 'nobody' }],
    ['a disposable address', { email: 'ada@mailinator.com' }],
  ])('the response to a request with %s links to the form for the same file', async (_what, fields) => {
    expect((await request('en', fields)).body).toContain(BACK);
  });

  test('the response to a request for a missing or invalid file links to the empty form', async () => {
    for (const asset of ['missing.pdf', '../report.pdf']) {
      const { body } = await request('en', { asset });
      expect(body).not.toContain('?asset=');
      expect(body).not.toContain(asset);
    }
  });
});
