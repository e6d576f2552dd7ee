import { describe, expect, test } from '@jest/globals';
import type { Notice } from '../../../lambda/domain/deliver-notice.ts';
import { composeNotice } from '../../../lambda/views/notice.ts';
import { email, secondsAt, tokenId } from '../../support/values.ts';
import { themes } from './examples.ts';

const AT = secondsAt('2031-05-17T10:20:30Z');

const noticeFor = (fileName: string): Notice => ({
  tokenId: tokenId('0123456789abcdef0123456789abcdef'),
  to: email('issuer@example.org'),
  fileName,
  redeemedAt: AT,
});

describe.each(themes)('the notice of a redemption (%s)', (_name, theme) => {
  test('both parts of a notice say which link to which file was redeemed, and when', () => {
    const mail = composeNotice(noticeFor('report.pdf'), theme);
    expect(mail.to).toBe('issuer@example.org');
    expect(mail.subject).toContain('report.pdf');
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain('report.pdf');
      expect(part).toContain('0123456789abcdef0123456789abcdef');
      expect(part).toMatch(/10[:.h ]+20/);
    }
  });

  test('a notice contains neither a link nor a token', () => {
    const mail = composeNotice(noticeFor('report.pdf'), theme);
    expect(JSON.stringify(mail)).not.toMatch(/tvm_|\/redeem|\/download/);
  });

  test('a file name can add neither a line to the subject of a notice nor markup to its text', () => {
    const mail = composeNotice(noticeFor(`<b>${'x'.repeat(900)}.pdf`), theme);
    expect(mail.subject.length).toBeLessThan(180);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html).not.toContain('<b>');
  });
});
