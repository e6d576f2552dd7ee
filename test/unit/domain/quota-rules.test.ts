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
const report = assetName('2031/report.pdf');

describe('a limit', () => {
  test('on a source is a number an hour, whatever is asked for', () => {
    expect(sourceCounter(ada, limits)).toEqual({ name: `source/${ada}`, limit: 60, windowSeconds: 3600 });
  });

  test('on an address is one in the cooldown, for each file', () => {
    expect(cooldownCounter(ada, report, limits)).toEqual({
      name: `cooldown/${ada}/2031/report.pdf`,
      limit: 1,
      windowSeconds: 60,
    });
  });

  test('on an address is a number an hour, for each file', () => {
    expect(addressCounter(ada, report, limits)).toEqual({
      name: `address/${ada}/2031/report.pdf`,
      limit: 5,
      windowSeconds: 3600,
    });
  });

  test('on an address is a number a day, whatever the file', () => {
    expect(addressDayCounter(ada, limits)).toEqual({
      name: `address-day/${ada}`,
      limit: 10,
      windowSeconds: 86_400,
    });
  });

  test('on one source is a third of what one address may have in a day', () => {
    expect(addressSourceCounter(ada, ada, limits)).toMatchObject({ limit: 4, windowSeconds: 86_400 });
  });

  test('on the form is a number of mails a day, and ten times as many requests that send nothing', () => {
    const day = { windowSeconds: 86_400 };
    expect(formMailCounter(limits)).toEqual({ name: 'form-mails', limit: 150, gauge: 'FormMails', ...day });
    expect(unsentCounter(limits)).toEqual({
      name: 'form-unsent',
      limit: 1500,
      gauge: 'UnsentRequests',
      ...day,
    });
  });

  test('on signed callers is a number of mails a day, for each and for all', () => {
    expect(callerMailCounter(caller, limits)).toMatchObject({ name: `caller-mails/${caller}`, limit: 25 });
    expect(programMailCounter(limits)).toMatchObject({ name: 'program-mails', limit: 50 });
  });

  test('on streams is a place each that outlasts every function, and comes back if its function is killed', () => {
    expect(streamSlot(3)).toEqual({ name: 'streams/3', limit: 1, windowSeconds: 900 });
  });

  test('never shares its counter with another limit', () => {
    const counters = [
      sourceCounter(ada, limits),
      sourceMailCounter(ada, limits),
      cooldownCounter(ada, report, limits),
      addressCounter(ada, report, limits),
      addressDayCounter(ada, limits),
      addressSourceCounter(ada, ada, limits),
      formMailCounter(limits),
      unsentCounter(limits),
      callerMailCounter(caller, limits),
      programMailCounter(limits),
      streamSlot(3),
    ];
    expect(new Set(counters.map(({ name }) => name)).size).toBe(counters.length);
  });
});

describe('an address is counted', () => {
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
  ])('%s as %s', (given, form) => {
    expect(countedForm(email(given))).toBe(form);
  });
});
