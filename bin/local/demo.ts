import { createHash, randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { createClients } from '../../laptop/src/clients.ts';
import { waitForMail } from '../../laptop/src/inbox.ts';
import { LaptopError } from '../../laptop/src/laptop-error.ts';
import { OFFERED_PREFIX } from './sample-file.ts';
import type { Endpoints } from './stack.ts';

/** Reports each step as soon as it succeeds. */
export type Narrate = (step: string, fact: string) => void;

const RECIPIENT = 'ada@example.com';
const FILE_NAME = 'Quarterly report – März.bin';
const FILE_BYTES = 3 * 1024 * 1024 + 7;
const MAIL_WITHIN_MS = 20_000;

const Live = z.object({
  status: z.literal('live'),
  fileName: z.literal(FILE_NAME),
  size: z.literal(FILE_BYTES),
});
const Redeemed = z.object({ code: z.literal('token_redeemed'), redeemedAt: z.iso.datetime() });

/**
 * Takes one file through its whole journey over HTTP: offered, requested, mailed, viewed, redeemed, downloaded, and
 * refused when the link is redeemed again.
 *
 * @throws LaptopError at the first step that fails
 */
export async function demonstrate(endpoints: Endpoints, narrate: Narrate): Promise<void> {
  const file = randomBytes(FILE_BYTES);
  await offer(endpoints, file);
  narrate('offered', `“${FILE_NAME}”, ${FILE_BYTES.toLocaleString('en')} bytes, in a private bucket`);

  await ask(endpoints.api);
  narrate('requested', `POST /token for ${RECIPIENT}: 202, with no token in the response`);

  const link = await mailedLink(endpoints);
  narrate('mailed', 'the link arrived by mail, with no token in the subject');

  await look(link);
  narrate('viewed', 'GET, HEAD, and a prefetch of the link: still live');

  const { location, redeemedAfter } = await redeem(endpoints.api, tokenOf(link));
  narrate('redeemed', 'POST /redeem: 302 to a URL that lives for seconds');

  const { sha256, disposition } = await download(location);
  if (sha256 !== sha256Of(file)) throw new LaptopError('The downloaded file differs from the offered one.');
  if (!disposition.includes("filename*=UTF-8''"))
    throw new LaptopError('The download lacks an encoded file name in Content-Disposition.');
  narrate('downloaded', `SHA-256 ${sha256.slice(0, 16)}… matches the offered file`);

  const redeemedAt = await refused(endpoints.api, tokenOf(link));
  if (Math.abs(Date.parse(redeemedAt) - redeemedAfter.getTime()) > 5000)
    throw new LaptopError(`The refusal gives the wrong time of redemption: ${redeemedAt}.`);
  narrate('refused', `a second POST: 403, already redeemed at ${redeemedAt}`);
}

async function offer(endpoints: Endpoints, file: Buffer): Promise<void> {
  const { bucket, region, accessKeyId, secretAccessKey } = endpoints;
  const clients = createClients(endpoints, { accessKeyId, secretAccessKey }, region);
  try {
    await clients.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: `${OFFERED_PREFIX}${FILE_NAME}`, Body: file }),
    );
  } finally {
    clients.destroy();
  }
}

async function ask(api: string): Promise<void> {
  const response = await fetch(`${api}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ email: RECIPIENT, asset: FILE_NAME }),
  });
  const body = await response.text();
  expectStatus(response, 202, 'requesting the file');
  if (body.includes('tvm_')) throw new LaptopError('The response to POST /token contains a token.');
}

async function mailedLink({ api, inbox }: Endpoints): Promise<string> {
  const { subject, body } = await waitForMail(inbox, RECIPIENT, MAIL_WITHIN_MS);
  const link = /\S+\/redeem\?token=[A-Za-z0-9_-]+/.exec(body.text ?? '')?.[0];
  if (link === undefined || !link.startsWith(`${api}/`))
    throw new LaptopError('The e-mail contains no link to this API.');
  if (subject.includes('tvm_')) throw new LaptopError('The subject of the e-mail contains a token.');
  return link;
}

/** Sends the requests that scanners, previews, and browsers send before a person clicks. */
async function look(link: string): Promise<void> {
  const facts = async (): Promise<void> => {
    const response = await fetch(link, { headers: { accept: 'application/json' } });
    if (!Live.safeParse(await response.json()).success) throw new LaptopError('The link is not live.');
  };
  await facts();
  expectStatus(await fetch(link, { headers: { accept: 'text/html' } }), 200, 'opening the link');
  expectStatus(await fetch(link, { method: 'HEAD' }), 200, 'a HEAD request for the link');
  expectStatus(await fetch(link, { headers: { 'sec-purpose': 'prefetch' } }), 403, 'a prefetch of the link');
  await facts();
}

async function redeem(api: string, token: string): Promise<{ location: string; redeemedAfter: Date }> {
  const redeemedAfter = new Date();
  const response = await press(api, token, 'text/html');
  expectStatus(response, 302, 'redeeming the link');
  return { location: response.headers.get('location') ?? '', redeemedAfter };
}

async function download(location: string): Promise<{ sha256: string; disposition: string }> {
  const response = await fetch(location);
  expectStatus(response, 200, 'downloading the file');
  return {
    sha256: sha256Of(Buffer.from(await response.arrayBuffer())),
    disposition: response.headers.get('content-disposition') ?? '',
  };
}

async function refused(api: string, token: string): Promise<string> {
  const response = await press(api, token, 'application/json');
  expectStatus(response, 403, 'redeeming the link again');
  const problem = Redeemed.safeParse(await response.json());
  if (!problem.success) throw new LaptopError('The refusal does not say when the link was redeemed.');
  return problem.data.redeemedAt;
}

const press = (api: string, token: string, accept: string): Promise<Response> =>
  fetch(`${api}/redeem`, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept },
    body: new URLSearchParams({ token }),
  });

function expectStatus({ status }: Response, expected: number, what: string): void {
  if (status !== expected) throw new LaptopError(`Expected ${expected} for ${what}, but got ${status}.`);
}

const tokenOf = (link: string): string => new URL(link).searchParams.get('token') ?? '';

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
