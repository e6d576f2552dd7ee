import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readInbox } from '../../laptop/src/inbox.ts';
import { startDigest } from '../../laptop/src/s3/checksums.ts';
import { EICAR } from '../../laptop/test/support/eicar.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { Machine } from '../support/permissions/machine.ts';

const machine = new Machine();
beforeAll(() => machine.start());
afterAll(() => machine.close());

const pdf = () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3000)]);
let people = 0;

/** Sends a request as the tenant. */
async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) {
  const response = await signedFetch(machine.endpoints, method, path, body);
  const text = await response.text();
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

/** Sends a request as the script of the page does. */
async function post(path: string, body: object) {
  const response = await fetch(`${machine.endpoints.api}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

/** Sends a form as a browser without scripts does. */
const submit = (path: string, fields: Readonly<Record<string, string>>) =>
  fetch(`${machine.endpoints.api}${path}`, {
    method: 'POST',
    headers: { accept: 'text/html' },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });

const look = (token: string) =>
  fetch(`${machine.endpoints.api}/upload?${new URLSearchParams({ token })}`, {
    headers: { accept: 'text/html' },
  });

/** Waits until an address has received this many e-mails, and returns the text of all of them. */
async function mailsTo(address: string, count: number): Promise<string> {
  const mails = await eventually(
    async () =>
      (await readInbox(machine.endpoints.inbox)).filter(({ destination }) =>
        destination.to.includes(address),
      ),
    ({ length }) => length >= count,
  );
  return mails.map(({ body }) => body.text ?? '').join('\n');
}

/** Invites somebody by mail, and returns the token in the invitation. */
async function invited(details: object = {}) {
  people += 1;
  const to = `uploader${people}@example.org`;
  const notify = `inviter${people}@example.org`;
  const made = await ask('POST', '/upload-links', {
    for: 'signed contract',
    to,
    notify,
    files: 2,
    ...details,
  });
  expect([made.status, made.json.url]).toEqual([201, undefined]);
  const token = /tvu_[A-Za-z0-9_-]{52}/.exec(await mailsTo(to, 1))?.[0];
  if (token === undefined) throw new Error('the invitation has no link');
  return { token, to, notify, linkId: String(made.json.linkId) };
}

async function declaredOf(body: Buffer, fileName = 'contract.pdf') {
  const digest = startDigest('crc64nvme');
  digest.update(body);
  const crc64nvme = Buffer.from(await digest.digest()).toString('base64');
  return { fileName, size: body.length, type: 'application/pdf', crc64nvme };
}

/** Sends a file as the script does. */
async function sent(token: string, body: Buffer, fileName?: string) {
  const opened = await post('/upload/open', { token, ...(await declaredOf(body, fileName)) });
  expect(opened.status).toBe(201);
  const { uploadId } = opened.json;
  const signed = await post('/upload/parts', { token, uploadId, partNumbers: [1] });
  const [part] = signed.json.parts as readonly { readonly url: string }[];
  expect((await fetch(part?.url ?? '', { method: 'PUT', body: new Uint8Array(body) })).status).toBe(200);
  return { uploadId, finalized: await post('/upload/finalize', { token, uploadId }) };
}

const show = async (linkId: string) =>
  (await ask('GET', `/upload-links/${linkId}`)).json as {
    readonly state: string;
    readonly files: readonly {
      readonly state: string;
      readonly objectId: string;
      readonly fileName: string;
    }[];
  };

describe('an upload link', () => {
  test('delivers its files to the inviter, and both sides get e-mails', async () => {
    const { token, to, notify, linkId } = await invited();
    expect(await (await look(token)).text()).toContain('signed contract');
    const body = pdf();
    const { finalized } = await sent(token, body);
    expect(finalized.status).toBeGreaterThanOrEqual(200);
    expect((await post('/upload/finish', { token })).json.state).toBe('finished');
    await mailsTo(to, 2);
    await mailsTo(notify, 1);
    const shown = await eventually(
      () => show(linkId),
      ({ files }) => files[0]?.state === 'published',
    );
    const { json } = await ask('GET', `/objects/${shown.files[0]?.objectId}/download-url`);
    const response = await fetch(String(json.url));
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
    await machine.local.runSchedule('OutcomeRule');
    expect(await mailsTo(notify, 2)).toContain('contract.pdf');
    expect((await post('/upload/open', { token, ...(await declaredOf(pdf())) })).json.code).toBe(
      'token_redeemed',
    );
  });

  test('rejects a file with malware, and the inviter gets an e-mail', async () => {
    const { token, notify, linkId } = await invited();
    const body = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from(EICAR)]);
    await sent(token, pdf(), 'good.pdf');
    await sent(token, body, 'bad.pdf');
    expect((await post('/upload/finish', { token })).status).toBe(200);
    const { files } = await eventually(
      () => show(linkId),
      (shown) => shown.files.every(({ state }) => state === 'published' || state === 'rejected'),
    );
    expect(files.map(({ fileName, state }) => `${fileName} ${state}`)).toEqual([
      'good.pdf published',
      'bad.pdf rejected',
    ]);
    await machine.local.runSchedule('OutcomeRule');
    expect(await mailsTo(notify, 2)).toMatch(/Accepted: good\.pdf\nRefused: bad\.pdf/);
  });

  test('accepts a file in a form from a browser without scripts, which then finishes the link', async () => {
    const { token, linkId } = await invited();
    const page = await submit('/upload/form', { token, fileName: 'contract.pdf' });
    const html = await page.text();
    const action = /<form method="post" action="([^"]+)" enctype/.exec(html)?.[1] ?? '';
    const form = new FormData();
    for (const [, name = '', value = ''] of html.matchAll(
      /<input type="hidden" name="([^"]+)" value="([^"]*)">/g,
    )) {
      form.append(name, value.replaceAll('&quot;', '"').replaceAll('&amp;', '&'));
    }
    form.append('file', new Blob([pdf()]), 'contract.pdf');
    const stored = await fetch(action, { method: 'POST', body: form, redirect: 'manual' });
    expect(stored.status).toBe(303);
    const back = await fetch(stored.headers.get('location') ?? '', { headers: { accept: 'text/html' } });
    expect(await back.text()).toContain('contract.pdf');
    const finished = await submit('/upload/finish', { token });
    expect(finished.status).toBe(302);
    const shown = await eventually(
      () => show(linkId),
      ({ files }) => files[0]?.state === 'published',
    );
    expect(shown.state).toBe('finished');
  });

  test('regains the place of a removed file, stays open when extended, and accepts nothing once revoked', async () => {
    const { token, linkId } = await invited({ files: 1 });
    const { uploadId } = (await post('/upload/open', { token, ...(await declaredOf(pdf())) })).json;
    expect((await post('/upload/remove', { token, uploadId })).status).toBe(204);
    await sent(token, pdf(), 'other.pdf');
    expect((await post('/upload/files', { token })).json.files).toMatchObject([{ fileName: 'other.pdf' }]);
    expect((await ask('POST', `/upload-links/${linkId}/extend`, { expiresIn: 864_000 })).status).toBe(200);
    expect((await ask('DELETE', `/upload-links/${linkId}`)).status).toBe(204);
    expect((await post('/upload/files', { token })).json.code).toBe('token_revoked');
    const { links } = (await ask('GET', '/upload-links')).json as { links: readonly { linkId: string }[] };
    expect(links.map((link) => link.linkId)).toContain(linkId);
  });
});
