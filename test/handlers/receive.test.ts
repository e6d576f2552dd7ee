import { beforeEach, describe, expect, test } from '@jest/globals';
import { signToken } from '../../lambda/domain/token.ts';
import { revokeLink } from '../../lambda/domain/upload-links/revoke-link.ts';
import type { UploadLink } from '../../lambda/domain/upload-links/upload-link.ts';
import { createReceiveHandler } from '../../lambda/handlers/receive.ts';
import { createSubmitHandler } from '../../lambda/handlers/submit.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, FILES_ORIGIN, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { KeyedPseudonyms } from '../support/keyed-pseudonyms.ts';
import { createLinkWorld, finishedLink, invited, type LinkWorld } from '../support/memory-link-world.ts';
import { MemoryTelemetry } from '../support/memory-telemetry.ts';
import { checksumOf, pdf } from '../support/sample-files.ts';

let world: LinkWorld;
let link: UploadLink;
let token: string;

beforeEach(async () => {
  world = createLinkWorld();
  ({ link, token } = await invited(world));
});

const PAGE = { Accept: 'text/html', 'Content-Type': 'application/x-www-form-urlencoded' };
const SCRIPT = { Accept: 'application/json', 'Content-Type': 'application/json' };
const FILE = {
  fileName: 'report.pdf',
  size: 2048,
  type: 'application/pdf',
  crc64nvme: checksumOf(pdf(), 'crc64nvme').base64,
};
const CHECKING = ['/upload/finalize', '/upload/finish'];

function dependencies() {
  const telemetry = new MemoryTelemetry();
  const site = { publicOrigin: PUBLIC_ORIGIN, filesOrigin: FILES_ORIGIN, brand: {} };
  return { ...world, ...site, telemetry, pseudonyms: new KeyedPseudonyms() };
}

function post(path: `/upload/${string}`, body: object, headers: RequestDetails['headers'] = SCRIPT) {
  const isForm = headers === PAGE;
  const text = isForm ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body);
  const create = CHECKING.includes(path) ? createSubmitHandler : createReceiveHandler;
  const event = apiEvent('post-redeem-form', { route: `POST ${path}`, body: text, headers: headers ?? {} });
  return call(create(dependencies()), event);
}

function look(
  query: NonNullable<RequestDetails['query']> = { token },
  headers: RequestDetails['headers'] = PAGE,
) {
  const event = apiEvent('get-redeem', { route: 'GET /upload', query, headers: headers ?? {} });
  return call(createReceiveHandler(dependencies()), event);
}

/** Opens a file as the script does, and sends it as one part. */
async function sendFile(): Promise<string> {
  const { uploadId } = (await post('/upload/open', { token, ...FILE })).json;
  const { parts } = (await post('/upload/parts', { token, uploadId, partNumbers: [1] })).json as {
    parts: Parameters<LinkWorld['quarantine']['send']>[0][];
  };
  for (const part of parts) expect(world.quarantine.send(part, pdf())).toBe(200);
  return String(uploadId);
}

describe('GET /upload', () => {
  test('a visit changes nothing, and the page’s Content-Security-Policy lets the script call the API and the bucket', async () => {
    const before = structuredClone(world.links.rows);
    const page = await look();
    expect(page.status).toBe(200);
    expect(page.body).toContain('signed contract');
    expect(page.headers['Content-Security-Policy']).toContain(`connect-src 'self' ${FILES_ORIGIN}`);
    expect(page.headers['Referrer-Policy']).toBe('no-referrer');
    expect(world.links.rows).toEqual(before);
  });

  test('a prefetch is refused', async () => {
    expect((await look({ token }, { ...PAGE, 'Sec-Purpose': 'prefetch' })).status).toBe(403);
  });

  test('the page of a finished link says thank you, and the page of an ended link says how it ended', async () => {
    await finishedLink(world, token);
    const finished = await look();
    expect([finished.status, finished.body.includes('/upload/finish')]).toEqual([200, false]);
    const revoked = await invited(world);
    await revokeLink(world, revoked.link.linkId, 'x');
    expect((await look({ token: revoked.token }, SCRIPT)).json.code).toBe('token_revoked');
    const expired = await invited(world);
    world.time.advance(8 * 86_400);
    const late = await look({ token: expired.token }, SCRIPT);
    expect([late.status, late.json.code]).toEqual([410, 'token_expired']);
  });

  test('unknown, altered, and download tokens get the same response on every route', async () => {
    const key = world.keys.derive(link.keyEpoch);
    const download = signToken({ ...link, tokenId: link.linkId }, key);
    const altered = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    const uploadId = `c${'0'.repeat(31)}`;
    for (const wrong of ['x', altered, download, download.replace('tvm_', 'tvu_')]) {
      const responses = [
        await look({ token: wrong }, SCRIPT),
        await post('/upload/files', { token: wrong }),
        await post('/upload/open', { token: wrong, ...FILE }),
        await post('/upload/form', { token: wrong, fileName: 'report.pdf' }),
        await post('/upload/parts', { token: wrong, uploadId, partNumbers: [1] }),
        await post('/upload/finalize', { token: wrong, uploadId }),
        await post('/upload/remove', { token: wrong, uploadId }),
        await post('/upload/finish', { token: wrong }),
      ];
      expect(responses.map(({ status, json }) => [status, json.code])).toEqual(
        responses.map(() => [400, 'invalid_token']),
      );
    }
  });
});

describe('sending with the script', () => {
  test('a file is opened, sent, and finalized, and the link is finished', async () => {
    const uploadId = await sendFile();
    const half = await post('/upload/files', { token });
    expect(half.json).toMatchObject({
      state: 'open',
      files: [{ uploadId, storedParts: [[1, 1]] }],
      mostFiles: 2,
    });
    const checked = await post('/upload/finalize', { token, uploadId });
    expect([checked.status, checked.json.state]).toEqual([202, 'finalized']);
    const finished = await post('/upload/finish', { token });
    expect(finished.json).toMatchObject({ state: 'finished', files: [{ uploadId, state: 'finalized' }] });
    expect((await post('/upload/files', { token })).json).toMatchObject({ code: 'token_redeemed' });
  });

  test('opening the same file again returns the parts that S3 has', async () => {
    const uploadId = await sendFile();
    const again = await post('/upload/open', { token, ...FILE });
    expect(again.json).toMatchObject({ uploadId, partCount: 1, storedParts: [[1, 1]] });
  });

  test('a file can be removed', async () => {
    const uploadId = await sendFile();
    expect((await post('/upload/remove', { token, uploadId })).status).toBe(204);
    expect((await post('/upload/files', { token })).json).toMatchObject({ files: [] });
  });

  test('a request to open a file counts against its source’s rate limit, which a page on another site cannot use up', async () => {
    const foreign = { ...SCRIPT, 'Sec-Fetch-Site': 'cross-site' };
    expect((await post('/upload/open', { token: 'x' }, foreign)).json.code).toBe('cross_site_refused');
    for (let request = 0; request < 60; request += 1) await post('/upload/open', { token: 'x' });
    const refused = await post('/upload/open', { token, ...FILE });
    expect([refused.status, Number(refused.headers['Retry-After'])]).toEqual([429, 3600]);
  });

  test.each<[string, object]>([
    ['fileName', { ...FILE, fileName: '../report.pdf' }],
    ['size', { ...FILE, size: 0 }],
    ['type', { ...FILE, type: '' }],
    ['crc64nvme', { ...FILE, crc64nvme: 'AAAA' }],
    ['body', { ...FILE, sha256: '0'.repeat(64) }],
  ])('an invalid %s is refused, and the problem names it', async (field, file) => {
    expect((await post('/upload/open', { token, ...file })).json).toMatchObject({
      code: 'invalid_request',
      field,
    });
  });
});

describe('sending without scripts', () => {
  test('the first form leads to one that posts to the bucket, and the page then lists the file and can finish the link', async () => {
    const form = await post('/upload/form', { token, fileName: 'report.pdf' }, PAGE);
    expect(form.status).toBe(200);
    expect(form.body).toContain('enctype="multipart/form-data"');
    const [uploadId] = [...world.uploads.rows.keys()];
    if (uploadId === undefined) throw new Error('no file was opened');
    expect((await look()).body).not.toContain('report.pdf');
    world.quarantine.post(uploadId, pdf());
    expect((await look({ token, key: `uploads/${uploadId}`, bucket: 'b', etag: 'e' })).body).toContain(
      'report.pdf',
    );
    const finished = await post('/upload/finish', { token }, PAGE);
    expect([finished.status, finished.headers.Location]).toEqual([
      302,
      `${PUBLIC_ORIGIN}/upload?token=${token}`,
    ]);
    expect((await look()).body).toContain('report.pdf');
  });

  test.each<[string, `/upload/${string}`, object, RegExp]>([
    ['has a type that is not accepted', '/upload/form', { fileName: 'page.html' }, /Files of this type/],
    ['finishes too early', '/upload/finish', {}, /Send at least one file first/],
  ])('a form that %s is sent back to the page, which says why', async (_what, path, fields, words) => {
    const refused = await post(path, { token, ...fields }, PAGE);
    expect(refused.status).toBe(302);
    const query = Object.fromEntries(new URL(String(refused.headers.Location)).searchParams);
    expect((await look(query)).body).toMatch(words);
  });
});
