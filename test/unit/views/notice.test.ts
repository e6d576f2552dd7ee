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
  test('says which file and link, and when, in both of its parts', () => {
    const mail = composeNotice(noticeFor('report.pdf'), theme);
    expect(mail.to).toBe('issuer@example.org');
    expect(mail.subject).toContain('report.pdf');
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain('report.pdf');
      expect(part).toContain('0123456789abcdef0123456789abcdef');
      expect(part).toMatch(/10[:.h ]+20/);
    }
  });

  test('holds no link', () => {
    const mail = composeNotice(noticeFor('report.pdf'), theme);
    const said = JSON.stringify(mail);
    expect(said).not.toMatch(/tvm_|\/redeem|\/download/);
  });

  test('stays one subject and one text, whatever the name of the file', () => {
    const mail = composeNotice(noticeFor(`<b>${'x'.repeat(900)}.pdf`), theme);
    expect(mail.subject.length).toBeLessThan(180);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html).not.toContain('<b>');
  });
});
