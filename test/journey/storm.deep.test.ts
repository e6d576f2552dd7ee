import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop();
  await laptop.offer('report.pdf', 'the report');
});
afterAll(() => laptop.close());

test.each([1, 2, 3, 4, 5])('exactly one of 200 simultaneous POSTs wins, in round %d', async (round) => {
  const token = await laptop.mailedToken(`round-${round}@example.org`, 'report.pdf');
  const responses = await Promise.all(
    Array.from({ length: 200 }, () => postToken(`${laptop.endpoints.api}/redeem`, token)),
  );
  await Promise.all(responses.map((response) => response.text()));
  expect(responses.map(({ status }) => status).sort()).toEqual([302, ...Array<number>(199).fill(403)]);
});
