import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
});

const GOOD = { email: 'ada@example.org', asset: 'report.pdf' };

function post(details: RequestDetails = { body: GOOD }, changed: Partial<HandlerWorld> = {}) {
  return call(createMintHandler({ ...world, ...changed }), apiEvent('post-token-json', details));
}

function expectNothingDone(): void {
  expect(world.ledger.entries).toEqual([]);
  expect(world.queue.messages).toEqual([]);
}

describe('POST /token', () => {
  test('answers 202 with the lifetime and never with a token', async () => {
    const answer = await post();
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({ status: 'accepted', expiresInMinutes: 15 });
    expect(answer.body).not.toMatch(/tvm_/);
    expect(world.queue.messages).toHaveLength(1);
    expect(world.telemetry.milestones).toEqual(['LinkRequested']);
  });

  test('gives the same answer to a form, as a page to who prefers one', async () => {
    const answer = await post({
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html,*/*;q=0.8' },
      body: 'email=ada%40example.org&asset=report.pdf',
    });
    expect(answer.status).toBe(202);
    expect(answer.headers['Content-Type']).toBe('text/html; charset=utf-8');
    expect(answer.body).not.toContain('ada@example.org');
  });

  test('answers alike, and no sooner, whether or not the address is over its quota', async () => {
    const first = await post();
    const second = await post();
    expect(second).toEqual(first);
    expect(world.queue.messages).toHaveLength(1);
    expect(world.waits).toHaveLength(2);
    expect(world.ledger.entries.map(({ event }) => event)).toEqual(['issued', 'refused']);
  });

  test('counts the source before anything else is looked at, and says when to try again', async () => {
    for (let request = 0; request < 60; request += 1) await post({ body: 'not JSON' });
    const answer = await post();
    expect(answer.status).toBe(429);
    expect(answer.json).toMatchObject({ code: 'quota_exceeded' });
    expect(answer.headers['Retry-After']).toBe('3600');
    expectNothingDone();
  });

  test('counts an IPv6 source by its /64', async () => {
    for (let request = 0; request < 60; request += 1) {
      await post({ body: 'not JSON', sourceIp: `2001:db8:1:2::${request.toString(16)}` });
    }
    expect((await post({ body: GOOD, sourceIp: '2001:db8:1:2:ffff::1' })).status).toBe(429);
    expect((await post({ body: GOOD, sourceIp: '2001:db8:1:3::1' })).status).toBe(202);
  });

  test('believes the request context, not X-Forwarded-For', async () => {
    for (let request = 0; request < 60; request += 1) {
      await post({ body: 'not JSON', headers: { 'X-Forwarded-For': `198.51.100.${request}` } });
    }
    expect((await post()).status).toBe(429);
  });

  test('locks nobody out on a source that is no address, as test-invoke sends it', async () => {
    for (let request = 0; request < 70; request += 1) {
      await post({ body: 'not JSON', sourceIp: 'test-invoke-source-ip' });
    }
    expect((await post({ body: GOOD, sourceIp: 'test-invoke-source-ip' })).status).toBe(202);
  });

  test.each<[string, RequestDetails, number, object]>([
    ['no body', { body: null }, 400, { code: 'invalid_request', field: 'body' }],
    ['an empty body', { body: '' }, 400, { code: 'invalid_request', field: 'body' }],
    ['what is not JSON', { body: '{"email":' }, 400, { code: 'invalid_request', field: 'body' }],
    ['a JSON list', { body: '[1]' }, 400, { code: 'invalid_request', field: 'body' }],
    ['null', { body: 'null' }, 400, { code: 'invalid_request', field: 'body' }],
    ['deep JSON', { body: '['.repeat(4000) }, 400, { code: 'invalid_request', field: 'body' }],
    [
      'deep JSON in a field',
      { body: `{"email":${'['.repeat(4000)}${']'.repeat(4000)}}` },
      400,
      { code: 'invalid_request', field: 'email' },
    ],
    ['a body of a megabyte', { body: 'x'.repeat(1_048_576) }, 413, { code: 'payload_too_large' }],
    [
      'a field twice in JSON',
      { body: '{"email":"a@example.org","email":"b@example.org","asset":"report.pdf"}' },
      400,
      { code: 'invalid_request', field: 'body' },
    ],
    [
      'a field twice in JSON with one value',
      { body: '{"email":"a@example.org","email":"a@example.org","asset":"report.pdf"}' },
      400,
      { code: 'invalid_request', field: 'body' },
    ],
    [
      'a field twice in a form',
      {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'email=a%40example.org&email=b%40example.org&asset=report.pdf',
      },
      400,
      { code: 'invalid_request', field: 'body' },
    ],
    [
      'a form that is not UTF-8',
      {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'email=a%40example.org&asset=%ff',
      },
      400,
      { code: 'invalid_request', field: 'body' },
    ],
    [
      'bytes that are not UTF-8',
      { base64: Uint8Array.of(0x7b, 0xff, 0x7d) },
      400,
      { code: 'invalid_request', field: 'body' },
    ],
    ['a field that is not known', { body: { ...GOOD, admin: true } }, 400, { code: 'invalid_request' }],
    [
      'a prototype as a field',
      { body: '{"__proto__":{"email":"a@example.org"},"asset":"report.pdf"}' },
      400,
      { code: 'invalid_request' },
    ],
    [
      'an unknown media type',
      { headers: { 'Content-Type': 'text/xml' }, body: '<a/>' },
      415,
      { code: 'unsupported_media_type' },
    ],
    [
      'a multipart form',
      { headers: { 'Content-Type': 'multipart/form-data; boundary=x' }, body: '--x' },
      415,
      { code: 'unsupported_media_type' },
    ],
    ['an address that is a number', { body: { ...GOOD, email: 7 } }, 400, { field: 'email' }],
    ['a missing asset', { body: { email: GOOD.email } }, 400, { field: 'asset' }],
  ])('refuses %s, does nothing, and names what is wrong', async (_name, details, status, problem) => {
    const answer = await post(details);
    expect(answer.status).toBe(status);
    expect(answer.headers['Content-Type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ ...problem, status });
    expectNothingDone();
  });

  test.each([
    ['CR and LF', 'ada@example.org\r\nBcc: eve@example.org'],
    ['a trailing LF', 'ada@example.org\n'],
    ['two mailboxes', 'ada@example.org,eve@example.org'],
    ['two mailboxes with a semicolon', 'ada@example.org;eve@example.org'],
    ['300 characters', `${'a'.repeat(288)}@example.org`],
    ['a domain of 300 characters', `ada@${'a.'.repeat(150)}org`],
    ['a quoted local part', '"ada lovelace"@example.org'],
    ['a display name', 'Ada <ada@example.org>'],
    ['a comment', 'ada(comment)@example.org'],
    ['an address literal', 'ada@[192.0.2.1]'],
    ['an address for a domain', 'ada@192.0.2.1'],
    ['no domain', 'ada@'],
    ['no local part', '@example.org'],
    ['a single label', 'ada@localhost'],
    ['two at signs', 'ada@eve@example.org'],
    ['a space', 'ada lovelace@example.org'],
    ['a NUL', 'ada\0@example.org'],
    ['a local part outside ASCII', 'äda@example.org'],
    ['a percent escape for a domain', 'ada@example%2eorg'],
    ['a path after the domain', 'ada@example.org/x'],
    ['nothing', ''],
  ])('refuses an address with %s and does not echo it', async (_name, email) => {
    const answer = await post({ body: { ...GOOD, email } });
    expect(answer.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'email' });
    if (email !== '') expect(answer.body).not.toContain(email);
    expectNothingDone();
  });

  test('mails to an internationalised domain in punycode and lower case, and keeps the local part', async () => {
    await post({ body: { ...GOOD, email: 'Ada.Lovelace+x@BÜCHER.Example' } });
    expect(world.ledger.entries[0]).toMatchObject({ address: 'Ada.Lovelace+x@xn--bcher-kva.example' });
  });

  test.each(['mailinator.com', 'sub.mailinator.com', 'MAILINATOR.COM'])(
    'refuses a throw-away address at %s',
    async (domain) => {
      const answer = await post({ body: { ...GOOD, email: `ada@${domain}` } });
      expect(answer.json).toMatchObject({ status: 400, code: 'disposable_address' });
      expectNothingDone();
    },
  );

  test.each([
    ['../secret.pdf'],
    ['a/../secret.pdf'],
    ['%2e%2e/secret.pdf'],
    ['/report.pdf'],
    ['a//b'],
    ['report.pdf\0'],
    ['gnp.\u202Efdp'],
    ['a\\b'],
    ['.'],
    ['x'.repeat(2000)],
    ['\ud800'],
    [''],
  ])('refuses the file name %j', async (asset) => {
    const answer = await post({ body: { ...GOOD, asset } });
    expect(answer.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'asset' });
    expectNothingDone();
  });

  test('serves a file whose name is an emoji, if it is there', async () => {
    expect((await post({ body: { ...GOOD, asset: '🎉.pdf' } })).json).toMatchObject({
      status: 404,
      code: 'asset_not_found',
    });
    world.files.offer('🎉.pdf');
    expect((await post({ body: { ...GOOD, asset: '🎉.pdf' } })).status).toBe(202);
  });

  test.each(['store', 'ledger', 'queue', 'files', 'quota', 'pseudonyms'] as const)(
    'answers 503 with a time to try again when the %s is down, and keeps no quota for it',
    async (port) => {
      const method = {
        store: 'put',
        ledger: 'append',
        queue: 'send',
        files: 'head',
        quota: 'take',
        pseudonyms: 'of',
      };
      const down = faulty(world[port] as object, method[port] as never, {
        lose: 'request',
        error: new Unavailable(port, undefined),
        times: 1,
      });
      const answer = await post({ body: GOOD }, { [port]: down });
      expect(answer.json).toMatchObject({ status: 503, code: 'unavailable' });
      expect(answer.headers['Retry-After']).toBe('10');
      expect(world.telemetry.faults).toHaveLength(1);
      expect((await post()).status).toBe(202);
      expect(world.queue.messages).toHaveLength(1);
    },
  );

  test('answers 500 and nothing else when something breaks that nobody expected', async () => {
    const broken = faulty(world.files, 'head', { lose: 'request', error: new TypeError('ada@example.org') });
    const answer = await post({ body: GOOD }, { files: broken });
    expect(answer.json).toEqual({
      type: 'urn:problem-type:tvm:internal_error',
      title: 'Something went wrong on our side',
      status: 500,
      code: 'internal_error',
    });
  });

  test('answers 503 with a page and a time when the day is full', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await post({ body: GOOD }, { limits });
    const html = { Accept: 'text/html' };
    const answer = await post({ headers: html, body: { ...GOOD, email: 'eve@example.org' } }, { limits });
    expect(answer.status).toBe(503);
    expect(answer.headers['Retry-After']).toBe('86400');
    expect(answer.headers['Content-Type']).toBe('text/html; charset=utf-8');
    expect(world.queue.messages).toHaveLength(1);
  });

  test('logs neither the address nor the body', async () => {
    await post();
    await post({ body: { ...GOOD, email: 'not an address' } });
    const said = JSON.stringify(world.telemetry.lines);
    expect(said).not.toContain('ada@');
    expect(said).not.toContain('not an address');
  });

  test('does not cache, frame, index or leak a referrer', async () => {
    expect((await post()).headers).toMatchObject({
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'X-Robots-Tag': 'noindex, nofollow',
      'Strict-Transport-Security': expect.stringContaining('max-age='),
    });
  });
});
