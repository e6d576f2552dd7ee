import { describe, expect, test } from '@jest/globals';
import type { Field } from '../../../lambda/domain/errors.ts';
import { problemPage } from '../../../lambda/views/problem-page.ts';
import { refusals } from '../../support/refusals.ts';
import { assetName } from '../../support/values.ts';
import { expiry, origin, token } from './examples.ts';
import { forms, links, tags, textOf } from './reading.ts';

const hidden = { type: 'hidden', name: 'token', value: token, autocomplete: 'off' };
const renew = {
  method: 'post',
  action: `${origin}/redeem/renew`,
  fields: [hidden],
  button: 'Send me a new link',
};
const report = {
  method: 'post',
  action: `${origin}/redeem/report`,
  fields: [hidden],
  button: 'Tell the owner',
};

describe('the page of a redeemed link', () => {
  const refusal = { code: 'token_redeemed', at: expiry, renewal: 'offered' } as const;

  test('says when it was downloaded', () => {
    const page = problemPage({ origin, refusal, token });
    expect(textOf(page)).toContain('Downloaded at 23 November 2026, 18:05 UTC');
    expect(tags(page, 'time')).toEqual([{ datetime: '2026-11-23T18:05:42Z' }]);
  });

  test('offers a new link by one press, and to tell the owner', () => {
    expect(forms(problemPage({ origin, refusal, token }))).toEqual([renew, report]);
    expect(textOf(problemPage({ origin, refusal, token }))).toContain('Wasn’t you?');
  });

  test('offers to tell the owner also where there is nobody to send a new link to', () => {
    const page = problemPage({ origin, refusal: { ...refusal, renewal: 'none' }, token });
    expect(forms(page)).toEqual([report]);
    expect(textOf(page)).toContain('ask whoever gave you the link for a new one');
  });
});

describe('the page of an expired link', () => {
  const refusal = { code: 'token_expired', at: expiry, renewal: 'offered' } as const;

  test('says until when it worked, and offers a new one by one press', () => {
    const page = problemPage({ origin, refusal, token });
    expect(textOf(page)).toContain('It worked until 23 November 2026, 18:05 UTC');
    expect(forms(page)).toEqual([renew]);
  });

  test('sends who had it from a program back there', () => {
    const page = problemPage({ origin, refusal: { ...refusal, renewal: 'none' }, token });
    expect(forms(page)).toEqual([]);
    expect(textOf(page)).toContain('ask whoever gave you the link for a new one');
  });
});

describe('without a token', () => {
  test.each(['token_redeemed', 'token_expired'] as const)(
    'the page of %s leads to the form instead',
    (code) => {
      const page = problemPage({ origin, refusal: refusals[code] });
      expect(forms(page)).toEqual([]);
      expect(links(page)).toEqual([{ href: `${origin}/`, words: 'Ask for a new link' }]);
    },
  );
});

describe('a problem that passes', () => {
  test.each(['unavailable', 'internal_error', 'prefetch_refused', 'asset_missing'] as const)(
    'leads back to the page of the link, by looking, which spends nothing: %s',
    (code) => {
      expect(forms(problemPage({ origin, refusal: refusals[code], token }))).toEqual([
        { method: 'get', action: `${origin}/redeem`, fields: [hidden], button: 'Try again' },
      ]);
    },
  );

  test('says when to try again', () => {
    expect(textOf(problemPage({ origin, refusal: { code: 'unavailable', retryAfterSeconds: 5 } }))).toContain(
      'try again in 5 seconds',
    );
    expect(
      textOf(problemPage({ origin, refusal: { code: 'quota_exceeded', retryAfterSeconds: 1234 } })),
    ).toContain('try again in 21 minutes');
  });
});

const PROGRAM_CODES: readonly string[] = [
  'recipient_not_allowed',
  'asset_too_large',
  'idempotency_key_reused',
];

describe('every problem', () => {
  const pages = Object.values(refusals).map(
    (refusal) => [refusal.code, problemPage({ origin, refusal })] as const,
  );

  test.each(pages)('has a way onward: %s', (_code, page) => {
    expect(links(page).length + forms(page).length).toBeGreaterThan(0);
  });

  test.each(pages)('speaks to people, not of codes: %s', (code, page) => {
    expect(textOf(page)).not.toContain(code);
    expect(textOf(page)).not.toMatch(/administrator|error|\b[45]\d\d\b/i);
  });

  test('has words of its own', () => {
    // Programs read no pages: their problems share the words for a request that could not be read.
    const forPeople = pages.filter(([code]) => !PROGRAM_CODES.includes(code));
    const headings = forPeople.map(([, page]) => /<main>([\s\S]*)<\/main>/.exec(page)?.[1]);
    expect(new Set(headings).size).toBe(headings.length);
  });

  test('leads back to the form for the same file, where it is known', () => {
    const asset = assetName('2026/report.pdf');
    expect(links(problemPage({ origin, refusal: refusals.disposable_address, asset }))[0]?.href).toBe(
      `${origin}/?asset=2026%2Freport.pdf`,
    );
  });
});

describe('a request that was not understood', () => {
  const pageFor = (field: Field) =>
    textOf(problemPage({ origin, refusal: { code: 'invalid_request', field } }));

  test('says what to correct, where that is something that people enter', () => {
    expect(pageFor('email')).toContain('one complete address, such as name@example.org');
    expect(pageFor('asset')).toContain('the name exactly as it was given to you');
    expect(pageFor('token')).toContain('copy the whole address');
  });

  test.each(['body', 'query', 'expiresIn', 'open', 'tokenId'] as const)(
    'leads to the form, where it is not: %s',
    (field) => {
      expect(pageFor(field)).toContain('start again with the form');
    },
  );
});
