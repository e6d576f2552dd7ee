import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLinks } from '../support/issue-links.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';

/* Tests that with the default limits, nobody can use up the quota of others. */

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop({ sourceLimitPerHour: '60', sourceMailLimitPerDay: '15' });
  await laptop.offer('report.pdf', 'bytes');
  await laptop.offer('other.pdf', 'bytes');
});
afterAll(() => laptop.close());

/** Requests a link from one of this computer's own IP addresses. Each counts as a separate source. */
async function askFrom(localAddress: string, email: string, asset = 'report.pdf'): Promise<number> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const asking = request(`${laptop.endpoints.api}/token`, { method: 'POST', localAddress, headers });
  asking.end(JSON.stringify({ email, asset }));
  const [response] = await once(asking, 'response');
  response.resume();
  return response.statusCode;
}

describe('the daily mail quota', () => {
  test('is not used up by 208 requests from four sources for the same address', async () => {
    const flood = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.14'].map(async (source) => {
      const statuses: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const thirteen = Array.from({ length: 13 }, () => askFrom(source, 'victim@example.org'));
        statuses.push(...(await Promise.all(thirteen)));
      }
      return statuses;
    });
    // Each source has a share of 15 e-mails a day. Beyond that, only that source gets 429.
    for (const statuses of await Promise.all(flood)) {
      expect(statuses).toHaveLength(52);
      expect(statuses.filter((status) => status === 202)).toHaveLength(15);
      expect(statuses.filter((status) => status === 429)).toHaveLength(37);
    }
    await laptop.mailedToken('ada@example.org', 'report.pdf');
    await issueLinks(laptop.endpoints, { asset: 'report.pdf', recipient: 'grace@example.org' });
    await mailTo(laptop.endpoints.inbox, 'grace@example.org');
  });

  test('is not used up by two signed requests for a hundred links each, all with notices', async () => {
    for (let request = 0; request < 2; request += 1) {
      const wanted = { asset: 'report.pdf', count: 100, notify: 'issuer@example.org' };
      expect(await issueLinks(laptop.endpoints, wanted)).toHaveLength(100);
    }
    await laptop.mailedToken('bob@example.org', 'report.pdf');
    const recipient = 'carol@example.org';
    await issueLinks(laptop.endpoints, { asset: 'report.pdf', recipient });
    await mailTo(laptop.endpoints.inbox, recipient);
  });

  test('runs out for one IAM caller before it does for all callers, and the form is not affected', async () => {
    const ask = async () =>
      (
        await signedFetch(laptop.endpoints, 'POST', '/links', {
          asset: 'other.pdf',
          recipient: 'eve@example.org',
        })
      ).status;
    const statuses: number[] = [];
    do statuses.push(await ask());
    while (statuses.at(-1) === 201);
    expect(statuses.at(-1)).toBe(429);
    await laptop.mailedToken('dave@example.org', 'other.pdf');
  });
});
