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

  test('the page of a redeemed link says when the file was downloaded', () => {
    const page = problemPage({ origin, refusal, token });
    expect(textOf(page)).toContain('Downloaded on 23 November 2026, 18:05 UTC');
    expect(tags(page, 'time')).toEqual([{ datetime: '2026-11-23T18:05:42Z' }]);
  });

  test('the page of a redeemed link has one button to get a new link and one to tell the owner', () => {
    expect(forms(problemPage({ origin, refusal, token }))).toEqual([renew, report]);
    expect(textOf(problemPage({ origin, refusal, token }))).toContain('Not you?');
  });

  test('the page of a redeemed link has a button to tell the owner even if the link cannot be renewed', () => {
    const page = problemPage({ origin, refusal: { ...refusal, renewal: 'none' }, token });
    expect(forms(page)).toEqual([report]);
    expect(textOf(page)).toContain('ask whoever gave you the link for a new one');
  });
});

describe('the page of an expired link', () => {
  const refusal = { code: 'token_expired', at: expiry, renewal: 'offered' } as const;

  test('the page of an expired link says when it expired, and has a button for a new link', () => {
    const page = problemPage({ origin, refusal, token });
    expect(textOf(page)).toContain('It worked until 23 November 2026, 18:05 UTC');
    expect(forms(page)).toEqual([renew]);
  });

  test('the page of an expired API link says to ask its sender for a new one', () => {
    const page = problemPage({ origin, refusal: { ...refusal, renewal: 'none' }, token });
    expect(forms(page)).toEqual([]);
    expect(textOf(page)).toContain('ask whoever gave you the link for a new one');
  });
});

describe('the page of a problem without a token', () => {
  test.each(['token_redeemed', 'token_expired'] as const)(
    'the page of %s links to the form if it has no token',
    (code) => {
      const page = problemPage({ origin, refusal: refusals[code] });
      expect(forms(page)).toEqual([]);
      expect(links(page)).toEqual([{ href: `${origin}/`, words: 'Ask for a new link' }]);
    },
  );
});

describe('the page of a temporary problem', () => {
  test.each(['unavailable', 'internal_error', 'prefetch_refused', 'asset_missing'] as const)(
    'the page of %s has a button that reopens the link with a GET, without redeeming it',
    (code) => {
      expect(forms(problemPage({ origin, refusal: refusals[code], token }))).toEqual([
        { method: 'get', action: `${origin}/redeem`, fields: [hidden], button: 'Try again' },
      ]);
    },
  );

  test('the page of a temporary problem says when to try again', () => {
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
  'pdf_encrypted',
  'pdf_signed',
  'pdf_unreadable',
  'pdf_too_large',
  'pdf_too_complex',
  'name_unprintable',
  'idempotency_key_reused',
  'not_authenticated',
  'upload_too_large',
  'type_not_allowed',
  'upload_incomplete',
  'upload_ended',
  'already_published',
  'not_published',
  'not_parked',
  // For these, people get the link's own page, which asks for the code.
  'code_required',
  'wrong_code',
];

describe('the page of every problem', () => {
  const pages = Object.values(refusals).map(
    (refusal) => [refusal.code, problemPage({ origin, refusal })] as const,
  );

  test.each(pages)('the page of %s has a link or a button to continue', (_code, page) => {
    expect(links(page).length + forms(page).length).toBeGreaterThan(0);
  });

  test.each(pages)('the page of %s shows neither code nor status', (code, page) => {
    expect(textOf(page)).not.toContain(code);
    expect(textOf(page)).not.toMatch(/administrator|error|\b[45]\d\d\b/i);
  });

  test('no two problems that people can see have the same text', () => {
    // PROGRAM_CODES never get a page of their own, so they share the text for an invalid request.
    const forPeople = pages.filter(([code]) => !PROGRAM_CODES.includes(code));
    const headings = forPeople.map(([, page]) => /<main>([\s\S]*)<\/main>/.exec(page)?.[1]);
    expect(new Set(headings).size).toBe(headings.length);
  });

  test('the page of a problem links to the form for the same file if the file is known', () => {
    const asset = assetName('2026/report.pdf');
    expect(links(problemPage({ origin, refusal: refusals.disposable_address, asset }))[0]?.href).toBe(
      `${origin}/?asset=2026%2Freport.pdf`,
    );
  });
});

describe('the page of an invalid request', () => {
  const pageFor = (field: Field) =>
    textOf(problemPage({ origin, refusal: { code: 'invalid_request', field } }));

  test('the page of an invalid request says how to correct a value that a person entered', () => {
    expect(pageFor('email')).toContain('one complete address, such as name@example.org');
    expect(pageFor('asset')).toContain('the name exactly as it was given to you');
    expect(pageFor('token')).toContain('copy the whole address');
  });

  test.each(['body', 'query', 'expiresIn', 'open', 'tokenId'] as const)(
    'the page of an invalid "%s", which no person enters, says to go back to the form and start over',
    (field) => {
      expect(pageFor(field)).toContain('go back to the form and start over');
    },
  );
});

test('the page of a link that was ended by wrong codes says so, and links to the form for a new one', () => {
  const page = problemPage({ origin, refusal: { ...refusals.token_revoked, reason: 'wrong-codes' } });
  expect(textOf(page)).toContain('The wrong code was entered five times');
  expect(links(page)).toEqual([{ href: `${origin}/`, words: 'Ask for a new link' }]);
});
