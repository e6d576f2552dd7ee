import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DescribedLaptop, startDescribedLaptop } from '../support/openapi/described-laptop.ts';
import { ResponseBook } from '../support/openapi/response-book.ts';
import { samplePdf } from '../support/pdfs.ts';
import { testAsking } from './openapi/asking.ts';
import { testInMemory } from './openapi/in-memory.ts';
import { testLinks } from './openapi/links.ts';
import { testRedeeming } from './openapi/redeeming.ts';
import { testUploadLinks } from './openapi/upload-links.ts';
import { testUploads } from './openapi/uploads.ts';

/*
 * Compares real responses of every route and outcome with docs/openapi.yaml. At the end, every response that the
 * OpenAPI document describes must have occurred.
 */

const book = new ResponseBook();

describe('in local mode,', () => {
  let laptop: DescribedLaptop;

  beforeAll(async () => {
    laptop = await startDescribedLaptop(book);
    await laptop.laptop.offer('report.pdf', 'the report');
    await laptop.laptop.put('private/report.pdf', 'the private report');
    await laptop.laptop.put('private/paper.pdf', await samplePdf());
  });
  afterAll(() => laptop.close());

  testAsking(() => laptop);
  testRedeeming(() => laptop);
  testLinks(() => laptop);
});

describe('in memory,', () => {
  testInMemory(book);
  testUploads(book);
  testUploadLinks(book);
});

/** Described responses that no test can produce, with the reasons. */
const BEYOND_REACH: readonly (readonly [reason: string, responses: RegExp])[] = [
  [
    'local mode has no throttles: only API Gateway gives this response',
    /^(?!POST \/(token|redeem\/renew|redeem\/report|upload\/open|upload\/form|(oidc\/)?upload(s|-links)) ).* 429 (quota_exceeded|empty)$/,
  ],
  [
    'only API Gateway gives this response, when a function takes longer than 29 s',
    /^(GET \/|OPTIONS \/token) 503 unavailable$/,
  ],
  ['credentials expire only on AWS', / 403 expired_credentials$/],
  [
    "API Gateway's own response, compared with the template in test/unit/docs/openapi-problems.test.ts",
    / [45]XX /,
  ],
];

test('every response in the OpenAPI document occurred, except those that cannot be produced here', () => {
  const unmet = book.unmet();
  expect(unmet.filter((response) => !BEYOND_REACH.some(([, responses]) => responses.test(response)))).toEqual(
    [],
  );
  // Each reason must still explain at least one response.
  for (const [reason, responses] of BEYOND_REACH) {
    expect([reason, unmet.some((response) => responses.test(response))]).toEqual([reason, true]);
  }
});
