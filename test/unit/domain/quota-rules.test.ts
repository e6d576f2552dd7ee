import { describe, expect, test } from '@jest/globals';
import type { Pseudonym } from '../../../lambda/domain/ids.ts';
import {
  addressCounter,
  cooldownCounter,
  countedForm,
  deploymentCounter,
  sourceCounter,
} from '../../../lambda/domain/quota-rules.ts';
import { assetName, email } from '../../support/values.ts';

const limits = {
  sourcePerHour: 60,
  sourceMailsPerDay: 1_000_000,
  addressPerHour: 5,
  cooldownSeconds: 60,
  mailsPerDay: 1000,
};
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

  test('on the deployment is a number a day', () => {
    expect(deploymentCounter(limits)).toEqual({ name: 'deployment', limit: 1000, windowSeconds: 86_400 });
  });

  test('never shares its counter with another limit', () => {
    const names = [
      sourceCounter(ada, limits),
      cooldownCounter(ada, report, limits),
      addressCounter(ada, report, limits),
      deploymentCounter(limits),
    ].map(({ name }) => name);
    expect(new Set(names).size).toBe(4);
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
  ])('%s as %s', (given, form) => {
    expect(countedForm(email(given))).toBe(form);
  });
});
