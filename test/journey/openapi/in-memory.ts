import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { LARGEST_STREAM } from '../../../lambda/domain/plan-links.ts';
import { presenceCodeOf } from '../../../lambda/domain/presence-code.ts';
import { fail } from '../../../lambda/domain/result.ts';
import { COLLECTION_TOKEN, signToken } from '../../../lambda/domain/token.ts';
import { createHandlerWorld, type HandlerWorld } from '../../support/handler-world.ts';
import { memoryChallenges } from '../../support/memory-challenges.ts';
import { createLinkWorld, invited } from '../../support/memory-link-world.ts';
import { createUploadWorld } from '../../support/memory-upload-world.ts';
import { CALLER, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { presenting } from '../../support/openapi/caller.ts';
import { operations } from '../../support/openapi/description.ts';
import { BEARER, createMemoryCaller, failing } from '../../support/openapi/memory-caller.ts';
import type { ResponseBook } from '../../support/openapi/response-book.ts';
import { differing, PRESENCE_KEY } from '../../support/presence-codes.ts';
import { WHOLE } from './uploads.ts';

const SITE = 'https://www.example.org';

/** Tests responses that local mode rarely gives, by calling the same handlers with in-memory ports. */
export function testInMemory(book: ResponseBook): void {
  let world: HandlerWorld;
  let token: string;
  let uploadToken: string;
  let collectionToken: string;

  beforeEach(async () => {
    world = createHandlerWorld();
    const record = await putMailedRecord(world);
    token = tokenOf(world, record);
    // A form link is enough, because services fail before a handler notices that the link is not a collection.
    collectionToken = signToken(record, world.keys.derive(record.keyEpoch), COLLECTION_TOKEN);
    ({ token: uploadToken } = await invited(createLinkWorld()));
  });

  const calling = (changed: Partial<HandlerWorld> = {}) => createMemoryCaller(book, { ...world, ...changed });

  /** The routes whose functions can fail. On all other routes, only API Gateway can fail. */
  const fallible = operations.filter(({ responses }) => responses.has('500')).map(({ route }) => route);

  /** Returns a call to the route that is valid enough for the handler to call its first service. */
  function wellFormed(route: string) {
    if (route === 'POST /token') return { body: { email: 'ada@example.org', asset: 'report.pdf' } };
    if (route === 'GET /challenge') return { query: { asset: 'report.pdf' } };
    if (route === 'GET /collection') return { query: { token: collectionToken } };
    if (route === 'POST /links') return { body: { asset: 'report.pdf' } };
    if (/ \/upload\?|\/upload(\/|$)/.test(route)) return linkCall(route);
    if (/upload-links/.test(route)) {
      const path = { linkId: `e${'0'.repeat(31)}` };
      const body = /extend$/.test(route) ? { expiresIn: 3600 } : { for: 'a contract' };
      return { path, headers: BEARER, ...(route.startsWith('POST') && { body }) };
    }
    if (/^POST .*uploads$/.test(route)) return { body: WHOLE, headers: BEARER };
    if (/uploads|objects/.test(route)) {
      const path = { uploadId: `c${'0'.repeat(31)}`, objectId: `d${'0'.repeat(31)}` };
      return { path, headers: BEARER, ...(/^POST .*parts$/.test(route) && { body: { partNumbers: [1] } }) };
    }
    return {
      ...(/links|operator/.test(route) ? {} : presenting(route, token)),
      path: { tokenId: '0'.repeat(32) },
    };
  }

  /** Returns a call by an uploader that is valid enough for the handler to call its first service. */
  function linkCall(route: string) {
    if (route.startsWith('GET')) return { query: { token: uploadToken } };
    const uploadId = `c${'0'.repeat(31)}`;
    const file = { fileName: 'a.pdf', size: 9, type: 'application/pdf', crc64nvme: 'AAAAAAAAAAA=' };
    const { fileName } = file;
    const bodies: Readonly<Record<string, object>> = {
      open: file,
      form: { fileName },
      parts: { uploadId, partNumbers: [1] },
      remove: { uploadId },
      finalize: { uploadId },
    };
    return { body: { token: uploadToken, ...bodies[route.replace(/.*\//, '')] } };
  }

  /** Returns a function that calls handlers whose services all fail with this error. */
  const breaking = (error: Error) =>
    createMemoryCaller(
      book,
      failing(world, error),
      failing(createUploadWorld(), error),
      failing(createLinkWorld(), error),
    );

  describe.each(fallible)('%s', (route) => {
    test('responds to an unexpected error with the documented error response', async () => {
      const ask = breaking(new Error('unforeseen'));
      expect((await ask(route, wellFormed(route))).code).toBe('internal_error');
    });

    test('responds with the documented error response when a service is down', async () => {
      const ask = breaking(new Unavailable('any port', undefined));
      expect((await ask(route, wellFormed(route))).code).toBe('unavailable');
    });
  });

  test.each(['POST /token', 'POST /redeem/renew', 'POST /redeem/report'])(
    '%s gets the documented response if the source exceeds its rate limit',
    async (route) => {
      // The limit is only two, because the caller repeats each refused request to get the page, and the repeated
      // request counts as well.
      const ask = calling({ limits: { ...world.limits, sourcePerHour: 2 } });
      const codes: unknown[] = [];
      for (let times = 0; times < 3; times += 1) codes.push((await ask(route, wellFormed(route))).code);
      expect(codes[0]).not.toBe('quota_exceeded');
      expect(codes.at(-1)).toBe('quota_exceeded');
    },
  );

  test('a POST from an allowed site gets the documented response', async () => {
    const ask = calling({ allowedOrigins: [SITE] });
    const headers = { origin: SITE };
    expect((await ask('OPTIONS /token', { headers })).status).toBe(204);
    expect((await ask('POST /token', { ...wellFormed('POST /token'), headers })).status).toBe(202);
  });

  test('requests that need a proof of work get the documented responses', async () => {
    const limits = { ...world.limits, sourcePerHour: 10 };
    const sometimes = calling({ limits, proofs: { policy: 'auto', challenges: memoryChallenges } });
    const always = calling({ limits, proofs: { policy: 'always', challenges: memoryChallenges } });
    const query = { asset: 'report.pdf' };
    expect((await sometimes('GET /challenge', { query })).json).toEqual({ challenge: null });
    expect((await always('GET /challenge', { query })).json).toHaveProperty('challenge.signature');
    expect((await always('GET /challenge')).json).toMatchObject({ field: 'asset' });
    const codes: unknown[] = [];
    for (const proof of ['bogus', '', '']) {
      const body = { email: 'ada@example.org', asset: 'report.pdf', proof };
      codes.push((await always('POST /token', { body })).code);
    }
    expect(codes).toEqual(['proof_refused', undefined, 'proof_required']);
  });

  test('a response that shows a presence code is as documented', async () => {
    const ask = calling({ presenceKey: async () => PRESENCE_KEY });
    const wanted = wellFormed('POST /token');
    expect((await ask('POST /token', wanted)).json).toMatchObject({ presenceCode: expect.any(String) });
    const body = { asset: 'report.pdf', presenceCode: true };
    const { json } = await ask('POST /links', { body });
    expect(json).toMatchObject({ links: [{ presenceCode: expect.any(String) }] });
    expect((await calling()('POST /links', { body })).json).toMatchObject({ field: 'presenceCode' });
  });

  test.each([
    ['POST /redeem', 'redirect'],
    ['POST /redeem/stream', 'stream'],
    ['POST /redeem/watermark', 'watermark'],
    ['POST /redeem/zip', 'zip'],
  ] as const)('%s responds as documented for a link that asks for a code', async (route, delivery) => {
    const ask = calling({ presenceKey: async () => PRESENCE_KEY });
    const terms = { issuedBy: CALLER.arn, delivery, presenceCode: true } as const;
    const record = await putMailedRecord(world, terms);
    const presented = tokenOf(world, record);
    const wrong = differing(presenceCodeOf(record.tokenId, PRESENCE_KEY), 1);
    const query = { token: presented };
    const shown = await ask('GET /redeem', { query, headers: { accept: 'application/json' } });
    expect(shown.json).toMatchObject({ codeRequired: true });
    const codes: unknown[] = [];
    for (const code of ['', 'x', wrong, wrong, wrong]) {
      codes.push((await ask(route, { body: { token: presented, code } })).code);
    }
    // After each refusal, the caller repeats the request to get the page as well, and the repeated request also counts
    // as an attempt.
    expect(codes).toEqual(['code_required', 'invalid_request', 'wrong_code', 'wrong_code', 'token_revoked']);
  });

  test.each(
    ['', '/stream', '/watermark', '/zip'].flatMap((delivery) => [
      `POST /redeem${delivery}`,
      `GET /download${delivery}`,
    ]),
  )('%s responds as documented for a link whose file the reverse proxy delivers', async (route) => {
    const secret = 's'.repeat(43);
    const ask = calling({ proxySecretSha256: createHash('sha256').update(secret).digest('hex') });
    const open = route.startsWith('GET') ? ('direct' as const) : ('confirm' as const);
    const record = await putMailedRecord(world, { issuedBy: CALLER.arn, delivery: 'proxy', open });
    const call = presenting(route, tokenOf(world, record));
    expect((await ask(route, call)).code).toBe('use_proxy');
    const headers = { 'X-Proxy-Secret': secret, 'X-Real-IP': '192.0.2.7' };
    const part = await ask(route, { ...call, headers: { ...headers, Range: 'bytes=1-' } });
    expect(part.code).toBe('range_refused');
    expect((await ask(route, { ...call, headers })).status).toBe(
      /(stream|watermark|zip)$/.test(route) ? 307 : 200,
    );
  });

  test('a file that is too large to be streamed is refused as documented', async () => {
    world.files.offer('disk.iso', { size: LARGEST_STREAM + 1 });
    const body = { asset: 'disk.iso', delivery: 'stream' };
    expect((await calling()('POST /links', { body })).code).toBe('asset_too_large');
  });

  test.each([
    'pdf_encrypted',
    'pdf_signed',
    'pdf_unreadable',
    'pdf_too_large',
    'pdf_too_complex',
    'name_unprintable',
  ] as const)('a file that cannot be stamped is refused with %s as documented', async (code) => {
    world.files.offer('paper.pdf');
    const ask = calling({ stamper: { stamp: async () => fail({ code }) } });
    const body = { asset: 'paper.pdf', delivery: 'stream', watermark: true };
    expect((await ask('POST /links', { body })).code).toBe(code);
  });
}
