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

const VALID = { email: 'ada@example.org', asset: 'report.pdf' };

function post(details: RequestDetails = { body: VALID }, changed: Partial<HandlerWorld> = {}) {
  return call(createMintHandler({ ...world, ...changed }), apiEvent('post-token-json', details));
}

function expectNothingDone(): void {
  expect(world.ledger.entries).toEqual([]);
  expect(world.queue.messages).toEqual([]);
}

describe('POST /token', () => {
  test('a request gets 202 with the lifetime of the link, but no token', async () => {
    const response = await post();
    expect(response.status).toBe(202);
    expect(response.json).toEqual({ status: 'accepted', expiresInMinutes: 15 });
    expect(response.body).not.toMatch(/tvm_/);
    expect(world.queue.messages).toHaveLength(1);
    expect(world.telemetry.milestones).toEqual(['LinkRequested']);
  });

  test('a request from the form gets 202 with a page', async () => {
    const response = await post({
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html,*/*;q=0.8' },
      body: 'email=ada%40example.org&asset=report.pdf',
    });
    expect(response.status).toBe(202);
    expect(response.headers['Content-Type']).toBe('text/html; charset=utf-8');
    expect(response.body).not.toContain('ada@example.org');
  });

  test('a request for an address over its rate limit gets the usual response after the usual minimum time', async () => {
    const first = await post();
    const second = await post();
    expect(second).toEqual(first);
    expect(world.queue.messages).toHaveLength(1);
    expect(world.waits).toHaveLength(2);
    expect(world.ledger.entries.map(({ event }) => event)).toEqual(['issued', 'refused']);
  });

  test('even unreadable requests count against their source, which gets 429 with Retry-After beyond its limit', async () => {
    for (let request = 0; request < 60; request += 1) await post({ body: 'not JSON' });
    const response = await post();
    expect(response.status).toBe(429);
    expect(response.json).toMatchObject({ code: 'quota_exceeded' });
    expect(response.headers['Retry-After']).toBe('3600');
    expectNothingDone();
  });

  test('an IPv6 source is counted by its /64', async () => {
    for (let request = 0; request < 60; request += 1) {
      await post({ body: 'not JSON', sourceIp: `2001:db8:1:2::${request.toString(16)}` });
    }
    expect((await post({ body: VALID, sourceIp: '2001:db8:1:2:ffff::1' })).status).toBe(429);
    expect((await post({ body: VALID, sourceIp: '2001:db8:1:3::1' })).status).toBe(202);
  });

  test('the source is taken from the request context, not from X-Forwarded-For', async () => {
    for (let request = 0; request < 60; request += 1) {
      await post({ body: 'not JSON', headers: { 'X-Forwarded-For': `198.51.100.${request}` } });
    }
    expect((await post()).status).toBe(429);
  });

  test('a source that is not an IP address, as in test-invoke events, has no rate limit', async () => {
    for (let request = 0; request < 70; request += 1) {
      await post({ body: 'not JSON', sourceIp: 'test-invoke-source-ip' });
    }
    expect((await post({ body: VALID, sourceIp: 'test-invoke-source-ip' })).status).toBe(202);
  });

  test.each<[string, RequestDetails, number, object]>([
    ['no body', { body: null }, 400, { code: 'invalid_request', field: 'body' }],
    ['an empty body', { body: '' }, 400, { code: 'invalid_request', field: 'body' }],
    ['invalid JSON', { body: '{"email":' }, 400, { code: 'invalid_request', field: 'body' }],
    ['a JSON list', { body: '[1]' }, 400, { code: 'invalid_request', field: 'body' }],
    ['a JSON null', { body: 'null' }, 400, { code: 'invalid_request', field: 'body' }],
    ['deeply nested JSON', { body: '['.repeat(4000) }, 400, { code: 'invalid_request', field: 'body' }],
    [
      'deeply nested JSON in a field',
      { body: `{"email":${'['.repeat(4000)}${']'.repeat(4000)}}` },
      400,
      { code: 'invalid_request', field: 'email' },
    ],
    ['a body of a megabyte', { body: 'x'.repeat(1_048_576) }, 413, { code: 'payload_too_large' }],
    [
      'a repeated field in JSON',
      { body: '{"email":"a@example.org","email":"b@example.org","asset":"report.pdf"}' },
      400,
      { code: 'invalid_request', field: 'body' },
    ],
    [
      'a repeated field with the same value in JSON',
      { body: '{"email":"a@example.org","email":"a@example.org","asset":"report.pdf"}' },
      400,
      { code: 'invalid_request', field: 'body' },
    ],
    [
      'a repeated field in a form',
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
    ['an unknown field', { body: { ...VALID, admin: true } }, 400, { code: 'invalid_request' }],
    [
      'a field named __proto__',
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
    ['an address that is a number', { body: { ...VALID, email: 7 } }, 400, { field: 'email' }],
    ['an invalid file name', { body: { ...VALID, asset: '../report.pdf' } }, 400, { field: 'asset' }],
    ['a missing asset', { body: { email: VALID.email } }, 400, { field: 'asset' }],
  ])(
    'a request with %s is refused with a problem that names the error, and has no effect',
    async (_name, details, status, problem) => {
      const response = await post(details);
      expect(response.status).toBe(status);
      expect(response.headers['Content-Type']).toBe('application/problem+json');
      expect(response.json).toMatchObject({ ...problem, status });
      expectNothingDone();
    },
  );

  test.each([
    ['CR and LF', 'ada@example.org\r\nBcc: eve@example.org'],
    ['a trailing LF', 'ada@example.org\n'],
    ['two mailboxes', 'ada@example.org,eve@example.org'],
    ['two mailboxes and a semicolon', 'ada@example.org;eve@example.org'],
    ['300 characters', `${'a'.repeat(288)}@example.org`],
    ['a domain of 300 characters', `ada@${'a.'.repeat(150)}org`],
    ['a quoted local part', '"ada lovelace"@example.org'],
    ['a display name', 'Ada <ada@example.org>'],
    ['an encoded word', '=?utf-8?q?ada?=@example.org'],
    ['a comment', 'ada(comment)@example.org'],
    ['an address literal', 'ada@[192.0.2.1]'],
    ['an IP address as its domain', 'ada@192.0.2.1'],
    ['no domain', 'ada@'],
    ['no local part', '@example.org'],
    ['a domain of one label', 'ada@localhost'],
    ['two at signs', 'ada@eve@example.org'],
    ['a space', 'ada lovelace@example.org'],
    ['a NUL', 'ada\0@example.org'],
    ['a non-ASCII local part', 'äda@example.org'],
    ['a percent escape in its domain', 'ada@example%2eorg'],
    ['a path after the domain', 'ada@example.org/x'],
    ['no characters', ''],
  ])('an e-mail address with %s is refused and not echoed', async (_name, email) => {
    const response = await post({ body: { ...VALID, email } });
    expect(response.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'email' });
    if (email !== '') expect(response.body).not.toContain(email);
    expectNothingDone();
  });

  test('an internationalized domain is recorded as lowercase Punycode, and the local part unchanged', async () => {
    await post({ body: { ...VALID, email: 'Ada.Lovelace+x@BÜCHER.Example' } });
    expect(world.ledger.entries[0]).toMatchObject({ address: 'Ada.Lovelace+x@xn--bcher-kva.example' });
  });

  test.each(['mailinator.com', 'sub.mailinator.com', 'MAILINATOR.COM'])(
    'a disposable address at %s is refused',
    async (domain) => {
      const response = await post({ body: { ...VALID, email: `ada@${domain}` } });
      expect(response.json).toMatchObject({ status: 400, code: 'disposable_address' });
      expectNothingDone();
    },
  );

  test.each(['store', 'ledger', 'queue', 'files', 'quota', 'pseudonyms'] as const)(
    'if the %s port is down, a request gets 503 with Retry-After, and is not counted',
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
      const response = await post({ body: VALID }, { [port]: down });
      expect(response.json).toMatchObject({ status: 503, code: 'unavailable' });
      expect(response.headers['Retry-After']).toBe('10');
      expect(world.telemetry.faults).toHaveLength(1);
      expect((await post()).status).toBe(202);
      expect(world.queue.messages).toHaveLength(1);
    },
  );

  test('an unexpected error causes a 500 that reveals no details', async () => {
    const broken = faulty(world.files, 'head', { lose: 'request', error: new TypeError('ada@example.org') });
    const response = await post({ body: VALID }, { files: broken });
    expect(response.json).toEqual({
      type: 'urn:problem-type:tvm:internal_error',
      title: 'Something went wrong on our side',
      status: 500,
      code: 'internal_error',
    });
  });

  test('a request beyond the daily quota of the form gets a 503 page with Retry-After', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await post({ body: VALID }, { limits });
    const html = { Accept: 'text/html' };
    const response = await post({ headers: html, body: { ...VALID, email: 'eve@example.org' } }, { limits });
    expect(response.status).toBe(503);
    expect(response.headers['Retry-After']).toBe('86400');
    expect(response.headers['Content-Type']).toBe('text/html; charset=utf-8');
    expect(world.queue.messages).toHaveLength(1);
  });

  test('the log of a request contains neither the address nor the body', async () => {
    await post();
    await post({ body: { ...VALID, email: 'not an address' } });
    const logged = JSON.stringify(world.telemetry.lines);
    expect(logged).not.toContain('ada@');
    expect(logged).not.toContain('not an address');
  });

  test('a response forbids caching, indexing, sniffing, and referrers, and requires HTTPS', async () => {
    expect((await post()).headers).toMatchObject({
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'X-Robots-Tag': 'noindex, nofollow',
      'Strict-Transport-Security': expect.stringContaining('max-age='),
    });
  });
});
