import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, postJson, startLaptop } from '../support/laptop.ts';
import { mailTo, tokenIn } from '../support/mail.ts';
import { samplePdf } from '../support/pdfs.ts';
import { differing } from '../support/presence-codes.ts';
import { forms } from '../unit/views/reading.ts';

/* Tests links that ask for a presence code, over HTTP. */

const CONTENT = 'the report';

let laptop: Laptop;
let api: string;
beforeAll(async () => {
  laptop = await startLaptop({ presenceCode: 'on', watermarks: 'on' });
  ({ api } = laptop.endpoints);
  await laptop.offer('report.pdf', CONTENT);
  await laptop.offer('paper.pdf', await samplePdf([{}]));
});
afterAll(() => laptop.close());

/** A form link, and the code in the response to its request. */
interface Asked {
  readonly token: string;
  readonly code: string;
}

async function ask(address: string): Promise<Asked> {
  const response = await postJson(`${api}/token`, { email: address, asset: 'report.pdf' });
  expect(response.status).toBe(202);
  const { presenceCode: code } = (await response.json()) as { presenceCode: string };
  expect(code).toMatch(/^\d{6}$/);
  const mail = await mailTo(laptop.endpoints.inbox, address);
  expect(wordsOf(mail)).not.toContain(code);
  return { token: tokenIn(mail), code };
}

/** Returns the text of an e-mail without its link, which can contain any sequence of digits. */
const wordsOf = ({ body }: Awaited<ReturnType<typeof mailTo>>) => (body.text ?? '').replace(/\S{40,}/g, '');

const redeem = (fields: Readonly<Record<string, string>>, path = '/redeem') =>
  fetch(`${api}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(fields),
  });

async function problemOf(response: Response): Promise<unknown> {
  return await response.json();
}

describe('a link that was requested through the form', () => {
  test('opens with the code of its own request, even if typed with a space, but not with another code', async () => {
    const [first, second] = [await ask('ada@example.org'), await ask('grace@example.org')];
    const { token, code } = first;
    expect(second.code).not.toBe(code);
    const described = await fetch(`${api}/redeem?token=${token}`, {
      headers: { accept: 'application/json' },
    });
    expect(await described.json()).toMatchObject({ status: 'live', codeRequired: true });
    expect(await problemOf(await redeem({ token }))).toMatchObject({ status: 403, code: 'code_required' });
    expect(await problemOf(await redeem({ token, code: 'abc' }))).toMatchObject({
      status: 400,
      field: 'code',
    });
    expect(await problemOf(await redeem({ token, code: second.code }))).toMatchObject({
      status: 403,
      code: 'wrong_code',
      attemptsLeft: 4,
    });
    const { url } = (await (
      await redeem({ token, code: `${code.slice(0, 3)} ${code.slice(3)}` })
    ).json()) as {
      url: string;
    };
    expect(await (await fetch(url)).text()).toBe(CONTENT);
    expect(await problemOf(await redeem({ token, code }))).toMatchObject({ code: 'token_redeemed' });
  });
});

describe('a mail scanner that follows every link and submits every form', () => {
  /** Opens a page, submits its forms and the forms of the pages that follow, and returns everything that it saw. */
  async function scan(url: string, madeUp: readonly string[]): Promise<string> {
    const seen: string[] = [];
    const look = async (response: Response, depth: number): Promise<void> => {
      const markup = await response.text();
      seen.push(markup, response.headers.get('location') ?? '');
      if (depth === 0) return;
      for (const { action, fields } of forms(markup)) {
        for (const typed of madeUp) {
          const body = new URLSearchParams(
            fields.map(({ name = '', type, value = '' }): [string, string] => [
              name,
              type === 'hidden' ? value : typed,
            ]),
          );
          const headers = { accept: 'text/html' };
          await look(await fetch(action ?? '', { method: 'POST', headers, body }), depth - 1);
        }
      }
    };
    await look(await fetch(url, { headers: { accept: 'text/html' } }), 2);
    return seen.join('\n');
  }

  test('does not get the file with empty fields or made-up text, and leaves the link working', async () => {
    const { token, code } = await ask('scanned@example.org');
    const seen = await scan(`${api}/redeem?token=${token}`, ['', 'test', 'user@example.com', '12345']);
    expect(seen).not.toContain(CONTENT);
    expect(seen).not.toContain('X-Amz-Signature');
    expect((await redeem({ token, code })).status).toBe(200);
  });

  test('ends the link if it guesses codes, and still does not get the file', async () => {
    const { token, code } = await ask('guessed@example.org');
    const seen = await scan(
      `${api}/redeem?token=${token}`,
      [1, 2, 3, 4, 5, 6].map((digits) => differing(code, digits)),
    );
    expect(seen).not.toContain(CONTENT);
    expect(seen).not.toContain('X-Amz-Signature');
    expect(await problemOf(await redeem({ token, code }))).toMatchObject({ code: 'token_revoked' });
  });
});

describe('a link that an IAM caller issued with a code', () => {
  test.each([
    ['/redeem', {}],
    ['/redeem/stream', { delivery: 'stream' }],
    ['/redeem/watermark', { delivery: 'stream', watermark: true }],
  ])('asks for the code at %s', async (path, terms) => {
    const wanted = { asset: 'paper.pdf', presenceCode: true, ...terms };
    const { token, presenceCode: code = '' } = await issueLink(laptop.endpoints, wanted);
    expect(await problemOf(await redeem({ token }, path))).toMatchObject({ code: 'code_required' });
    expect(await problemOf(await redeem({ token, code: differing(code, 2) }, path))).toMatchObject({
      code: 'wrong_code',
    });
    const response = await redeem({ token, code }, path);
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  test('has the same code whenever its request is repeated, and its e-mail does not contain the code', async () => {
    const body = { asset: 'report.pdf', presenceCode: true, recipient: 'told@example.org', reveal: false };
    const named = { 'idempotency-key': 'contract-7' };
    const link = await issueLink(laptop.endpoints, body, named);
    expect(link).toEqual({
      tokenId: expect.any(String),
      expiresAt: expect.any(String),
      presenceCode: expect.stringMatching(/^\d{6}$/),
    });
    expect(await issueLink(laptop.endpoints, body, named)).toEqual(link);
    const mail = await mailTo(laptop.endpoints.inbox, 'told@example.org');
    expect(wordsOf(mail)).not.toContain(link.presenceCode);
    expect(wordsOf(mail)).toContain('The page also asks for a six-digit code.');
  });

  test('is refused if it opens directly, because a GET cannot carry the code', async () => {
    const body = { asset: 'report.pdf', presenceCode: true, open: 'direct' };
    const response = await signedFetch(laptop.endpoints, 'POST', '/links', body);
    expect(await problemOf(response)).toMatchObject({ code: 'invalid_request', field: 'presenceCode' });
  });
});
