import { describe, expect, test } from '@jest/globals';
import type { CallerId, Pseudonym } from '../../../lambda/domain/ids.ts';
import {
  addressCounter,
  addressDayCounter,
  addressSourceCounter,
  callerMailCounter,
  cooldownCounter,
  countedForm,
  formMailCounter,
  programMailCounter,
  sourceCounter,
  sourceMailCounter,
  streamSlot,
  unsentCounter,
} from '../../../lambda/domain/quota-rules.ts';
import { assetName, email } from '../../support/values.ts';

const limits = {
  sourcePerHour: 60,
  sourceMailsPerDay: 15,
  addressPerHour: 5,
  addressPerDay: 10,
  cooldownSeconds: 60,
  formMailsPerDay: 150,
  callerMailsPerDay: 25,
  programMailsPerDay: 50,
};
const caller = 'AROAREPORTS' as CallerId;
const ada = 'a1'.repeat(32) as Pseudonym;
const grace = 'b2'.repeat(32) as Pseudonym;
const report = assetName('2031/report.pdf');

describe('the counter of each rate limit', () => {
  test('the e-mails to an address have a daily limit, and one source can request a third of it, rounded up', () => {
    expect(addressDayCounter(ada, limits)).toMatchObject({ limit: 10, windowSeconds: 86_400 });
    expect(addressSourceCounter(ada, ada, limits)).toMatchObject({ limit: 4, windowSeconds: 86_400 });
  });

  test('the daily limit for recording requests that send nothing is ten times the limit for e-mails', () => {
    const day = { windowSeconds: 86_400 };
    expect(formMailCounter(limits)).toEqual({ name: 'form-mails', limit: 150, gauge: 'FormMails', ...day });
    expect(unsentCounter(limits)).toEqual({
      name: 'form-unsent',
      limit: 1500,
      gauge: 'UnsentRequests',
      ...day,
    });
  });

  test("the total number of callers' e-mails is measured, because an alarm watches it", () => {
    expect(programMailCounter(limits)).toMatchObject({ limit: 50, gauge: 'ProgramMails' });
  });

  test('the slot of a stream is freed after 900 seconds, so that a killed function cannot keep it', () => {
    expect(streamSlot(3)).toEqual({ name: 'streams/3', limit: 1, windowSeconds: 900 });
  });

  test('no two rate limits, sources, addresses, files, or callers share a counter', () => {
    const counters = [
      ...[ada, grace].flatMap((person) => [
        sourceCounter(person, limits),
        sourceMailCounter(person, limits),
        addressDayCounter(person, limits),
        addressSourceCounter(person, ada, limits),
        addressSourceCounter(person, grace, limits),
        ...[report, assetName('2032/report.pdf')].flatMap((asset) => [
          cooldownCounter(person, asset, limits),
          addressCounter(person, asset, limits),
        ]),
      ]),
      formMailCounter(limits),
      unsentCounter(limits),
      callerMailCounter(caller, limits),
      callerMailCounter('AROAINVOICES' as CallerId, limits),
      programMailCounter(limits),
      streamSlot(3),
      streamSlot(4),
    ];
    expect(new Set(counters.map(({ name }) => name)).size).toBe(counters.length);
  });
});

describe('the counted form of an address', () => {
  test.each([
    ['ada@example.org', 'ada@example.org'],
    ['Ada@example.org', 'ada@example.org'],
    ['ada+news@example.org', 'ada@example.org'],
    ['ada+news+more@example.org', 'ada@example.org'],
    ['a+news@example.org', 'a@example.org'],
    ['+ada@example.org', '+ada@example.org'],
    ['"a@b+c"@example.org', '"a@b@example.org'],
    ['ada.lovelace@example.org', 'ada.lovelace@example.org'],
    ['a.d.a@gmail.com', 'ada@gmail.com'],
    ['A.da+news@googlemail.com', 'ada@gmail.com'],
    ['a.d.a@gmail.example.org', 'a.d.a@gmail.example.org'],
  ])('%s is counted as %s', (given, form) => {
    expect(countedForm(email(given))).toBe(form);
  });
});
