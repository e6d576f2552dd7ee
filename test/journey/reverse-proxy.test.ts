import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';

/* Tests local mode behind a simulated reverse proxy. The tests in test/proxies/ use real ones. */

const ORIGIN = 'https://files.example.org';
const SECRET = randomBytes(32).toString('base64url');

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop({
    proxyOrigin: ORIGIN,
    proxySecretSha256: createHash('sha256').update(SECRET).digest('hex'),
    delivery: 'proxy',
  });
  await laptop.offer('report.pdf', 'the report');
});
afterAll(() => laptop.close());

/** Presses the button of a link: through the proxy if an address is given, otherwise directly. */
function press(token: string, address?: string): Promise<Response> {
  return fetch(`${laptop.endpoints.api}/redeem`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: '*/*',
      ...(address !== undefined && { 'x-proxy-secret': SECRET, 'x-real-ip': address }),
    },
    body: new URLSearchParams({ token }),
  });
}

test('a mailed link leads to the proxy, which gets the file from the bucket once', async () => {
  const token = await laptop.mailedToken('ada@example.org', 'report.pdf');
  const mail = await mailTo(laptop.endpoints.inbox, 'ada@example.org');
  expect(mail.body.text).toContain(`${ORIGIN}/redeem?token=${token}`);

  const around = await press(token);
  expect(around.status).toBe(421);
  expect(await around.json()).toMatchObject({ code: 'use_proxy', address: `${ORIGIN}/redeem` });

  const response = await press(token, '203.0.113.9');
  expect(response.status).toBe(200);
  expect(response.headers.get('x-accel-redirect')).toBe('/_file');
  const query = response.headers.get('x-file-query');
  const file = await fetch(`${laptop.endpoints.s3}${response.headers.get('x-file-path')}?${query}`);
  expect(await file.text()).toBe('the report');
  expect((await press(token, '203.0.113.9')).status).toBe(403);
});

test('a caller can choose another delivery, and allowed networks apply to the client address from the proxy', async () => {
  const { endpoints } = laptop;
  const terms = { asset: 'report.pdf', allowedCidrs: ['203.0.113.0/24'] };
  const redirected = await issueLink(endpoints, { ...terms, delivery: 'redirect' });
  expect((await press(redirected.token, '198.51.100.9')).status).toBe(403);
  expect((await press(redirected.token, '203.0.113.9')).headers.get('location')).toContain(endpoints.s3);

  const { tokenId, url } = await issueLink(endpoints, { ...terms, open: 'direct' });
  expect(url).toMatch(new RegExp(`^${ORIGIN}/download\\?token=`));
  const link = await signedFetch(endpoints, 'GET', `/links/${tokenId}`);
  expect(await link.json()).toMatchObject({ delivery: 'proxy', state: 'live' });
});

test('without the proxy options, links with delivery "proxy" are refused, and proxy headers are ignored', async () => {
  const plain = await startLaptop();
  try {
    await plain.offer('report.pdf', 'the report');
    const body = { asset: 'report.pdf', delivery: 'proxy' };
    const refused = await signedFetch(plain.endpoints, 'POST', '/links', body);
    expect(await refused.json()).toMatchObject({ code: 'invalid_request', field: 'delivery' });
    const { token } = await issueLink(plain.endpoints, {
      ...body,
      delivery: 'redirect',
      allowedCidrs: ['203.0.113.0/24'],
    });
    const response = await fetch(`${plain.endpoints.api}/redeem`, {
      method: 'POST',
      headers: { accept: '*/*', 'x-proxy-secret': SECRET, 'x-real-ip': '203.0.113.9' },
      body: new URLSearchParams({ token }),
    });
    expect(await response.json()).toMatchObject({ code: 'not_allowed_from_here' });
  } finally {
    await plain.close();
  }
});

test('local mode never writes or prints the proxy’s secret, and never prints a presigned URL', () => {
  const files = readdirSync(laptop.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(files.length).toBeGreaterThan(0);
  expect([laptop.said(), ...files].filter((text) => text.includes(SECRET))).toEqual([]);
  expect(laptop.said()).not.toContain('X-Amz-Signature');
});
