import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EICAR } from '../../laptop/test/support/eicar.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop();
});
afterAll(() => laptop.close());

const pdf = () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3000)]);

interface Session {
  readonly uploadId: string;
  readonly objectId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) {
  const response = await signedFetch(laptop.endpoints, method, path, body);
  const text = await response.text();
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

async function open(body: Buffer, change: object = {}): Promise<Session> {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const declared = {
    fileName: 'contract.pdf',
    size: body.length,
    type: 'application/pdf',
    sha256,
    ...change,
  };
  const { status, json } = await ask('POST', '/uploads', declared);
  if (status !== 201) throw new Error(`POST /uploads returned ${status} ${JSON.stringify(json)}`);
  return json as unknown as Session;
}

/** Sends the file. The HTTP client adds the `content-length`, as a browser does. */
async function put({ url, headers }: Session, body: Buffer): Promise<number> {
  const { 'content-length': _length, ...others } = headers;
  return (await fetch(url, { method: 'PUT', headers: others, body: new Uint8Array(body) })).status;
}

const finalize = ({ uploadId }: Session) => ask('POST', `/uploads/${uploadId}/finalize`);
const show = ({ uploadId }: Session) => ask('GET', `/uploads/${uploadId}`);
const download = ({ objectId }: Session) => ask('GET', `/objects/${objectId}/download-url`);

const reaches = (session: Session, state: string) =>
  eventually(
    async () => (await show(session)).json.state,
    (seen) => seen === state,
  );

async function published(body: Buffer): Promise<Session> {
  const session = await open(body);
  expect(await put(session, body)).toBe(200);
  await finalize(session);
  await reaches(session, 'published');
  return session;
}

describe('uploads:', () => {
  test('a clean file is published, and its download has the right name and bytes', async () => {
    const body = pdf();
    const session = await published(body);
    const { json } = await download(session);
    const response = await fetch(String(json.url));
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-disposition': 'attachment; filename=contract.pdf',
      'content-type': 'application/pdf',
      'cache-control': 'no-store',
    });
  });

  test('a link can be issued for a published file, and works once', async () => {
    const body = pdf();
    const { objectId } = await published(body);
    const issued = await ask('POST', '/links', { objectId, open: 'direct' });
    const [link] = issued.json.links as readonly { readonly url: string }[];
    const first = await fetch(link?.url ?? '');
    expect(Buffer.from(await first.arrayBuffer()).equals(body)).toBe(true);
    expect(first.headers.get('content-disposition')).toBe('attachment; filename=contract.pdf');
    expect((await fetch(link?.url ?? '')).status).toBe(403);
    const streamed = await ask('POST', '/links', { objectId, open: 'direct', delivery: 'stream' });
    const [stream] = streamed.json.links as readonly { readonly url: string }[];
    const bytes = await fetch(stream?.url ?? '');
    expect(Buffer.from(await bytes.arrayBuffer()).equals(body)).toBe(true);
  });

  test('a file that is not published gets neither a link nor a URL', async () => {
    const body = pdf();
    const session = await open(body);
    for (const _ of ['before', 'after the PUT']) {
      expect(await download(session)).toMatchObject({ status: 409, json: { code: 'not_published' } });
      expect(await ask('POST', '/links', { objectId: session.objectId })).toMatchObject({
        status: 409,
        json: { code: 'not_published' },
      });
      await put(session, body);
    }
    expect(await ask('POST', '/links', { objectId: `d${'0'.repeat(31)}` })).toMatchObject({
      status: 404,
      json: { code: 'asset_not_found' },
    });
  });

  test('no name of an offered file leads to an upload', async () => {
    const { uploadId, objectId } = await published(pdf());
    for (const asset of [objectId, `uploads/${uploadId}`, `private/../uploads/${uploadId}`]) {
      expect([400, 404]).toContain((await ask('POST', '/links', { asset })).status);
    }
  });
});

describe('when a file is checked,', () => {
  test('a test virus is rejected, and cannot be fetched by any route', async () => {
    const body = Buffer.from(EICAR);
    const session = await open(body, { fileName: 'notes.txt', type: 'text/plain' });
    expect(await put(session, body)).toBe(200);
    await reaches(session, 'rejected');
    expect((await finalize(session)).json).toMatchObject({ state: 'rejected', reason: 'malware' });
    expect((await download(session)).status).toBe(409);
    expect((await ask('POST', '/links', { objectId: session.objectId })).status).toBe(409);
  });

  test('a file whose type differs from the declared one is rejected for that reason', async () => {
    const body = Buffer.from('MZ\u0090\u0000 this is a program');
    const session = await open(body);
    await put(session, body);
    expect((await finalize(session)).json).toMatchObject({ state: 'rejected', reason: 'type_mismatch' });
  });

  test('a file that the scanner cannot judge waits for an operator, who rejects or releases it', async () => {
    const parked = async () => {
      const body = Buffer.concat([pdf(), Buffer.from('\nLOCAL-MODE-SCAN: UNSUPPORTED\n')]);
      const session = await open(body);
      await put(session, body);
      await finalize(session);
      await reaches(session, 'parked');
      expect((await download(session)).status).toBe(409);
      return { session, body };
    };
    const refused = await parked();
    const reject = await ask('POST', `/operator/uploads/${refused.session.uploadId}/reject`);
    expect(reject).toMatchObject({ status: 200, json: { state: 'rejected', reason: 'operator' } });

    const { session, body } = await parked();
    const listed = await ask('GET', '/operator/uploads?state=parked');
    expect(listed.json.uploads).toMatchObject([{ uploadId: session.uploadId, reason: 'unsupported' }]);
    const release = await ask('POST', `/operator/uploads/${session.uploadId}/release`);
    expect(release).toMatchObject({ status: 200, json: { state: 'published' } });
    const { json } = await download(session);
    expect(Buffer.from(await (await fetch(String(json.url))).arrayBuffer()).equals(body)).toBe(true);
  });
});

describe('the bucket itself', () => {
  test('refuses a PUT with another length, other bytes, or another type, and refuses a second PUT', async () => {
    const body = pdf();
    const session = await open(body);
    expect(await put(session, body.subarray(1))).toBe(403);
    const other = Buffer.from(body);
    other[20] = (other[20] ?? 0) ^ 1;
    expect(await put(session, other)).toBe(400);
    const { headers } = session;
    expect(await put({ ...session, headers: { ...headers, 'content-type': 'text/html' } }, body)).toBe(403);
    const { 'if-none-match': _condition, ...unconditional } = headers;
    expect(await put({ ...session, headers: unconditional }, body)).toBe(403);
    expect((await finalize(session)).json).toMatchObject({ code: 'upload_incomplete' });
    expect(await put(session, body)).toBe(200);
    expect(await put(session, body)).toBe(412);
  });

  test('accepts only one of twenty simultaneous PUTs', async () => {
    const body = pdf();
    const session = await open(body);
    const statuses = await Promise.all(Array.from({ length: 20 }, () => put(session, body)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    await finalize(session);
    await reaches(session, 'published');
  });
});
