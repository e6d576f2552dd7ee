import { describe, expect, test } from '@jest/globals';
import { allowanceOf, createPace } from '../../../recipients/pace.ts';
import { fakeIo } from '../../support/in-process.ts';

const NO_LIMIT = Number.POSITIVE_INFINITY;

describe('the mail allowance of a run', () => {
  test.each([
    ['four fifths of a low SES rate', { MaxSendRate: 5 }, NO_LIMIT, 4],
    ['ten if SES allows more', { MaxSendRate: 200 }, NO_LIMIT, 10],
    ["the operator's limit if it is lower", { MaxSendRate: 14 }, 2, 2],
    ["no more than SES allows if the operator's limit is higher", { MaxSendRate: 5 }, 100, 4],
    ['less than one if SES reports no rate', {}, NO_LIMIT, 0.8],
  ])('has a rate of %s', (_what, quota, wanted, rate) => {
    expect(allowanceOf(quota, wanted).rate).toBe(rate);
  });

  test('covers only the rest of the daily quota, unless the quota is unlimited', () => {
    const left = (Max24HourSend: number, SentLast24Hours: number) =>
      allowanceOf({ MaxSendRate: 14, Max24HourSend, SentLast24Hours }, NO_LIMIT).left;
    expect(left(200, 150)).toBe(50);
    expect(left(200, 250)).toBe(0);
    expect(left(-1, 250)).toBe(Number.POSITIVE_INFINITY);
  });
});

test('pacing spaces out e-mails, but does not delay the first one after a long pause', async () => {
  const { io } = fakeIo('pipe');
  const started = io.now().getTime();
  const pace = createPace(io, 4);
  const turns: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    await pace();
    turns.push(io.now().getTime() - started);
  }
  expect(turns).toEqual([0, 250, 500, 750]);
  await io.wait(10_000, io.signal);
  const before = io.now();
  await pace();
  expect(io.now()).toEqual(before);
});

test('pacing without a limit never waits', async () => {
  const { io } = fakeIo('pipe');
  const before = io.now();
  const pace = createPace(io, NO_LIMIT);
  await Promise.all([pace(), pace(), pace()]);
  expect(io.now()).toEqual(before);
});
