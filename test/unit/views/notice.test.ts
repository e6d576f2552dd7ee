import { describe, expect, test } from '@jest/globals';
import type { NotableReceipt } from '../../../lambda/domain/deliver-notice.ts';
import { newRedemptionId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { composeNotice } from '../../../lambda/views/notice.ts';
import { assetName, email, secondsAt, tokenId } from '../../support/values.ts';
import { editions } from './examples.ts';

const AT = secondsAt('2031-05-17T10:20:30Z');

const receiptFor = (name: string): NotableReceipt => ({
  kind: 'redeemed',
  tokenId: tokenId('0123456789abcdef0123456789abcdef'),
  at: AT,
  redemptionId: newRedemptionId(),
  asset: assetName(name),
  issuedBy: 'arn:aws:iam::111122223333:role/reports',
  removeAt: secondsAfter(AT, 1000),
  sourceAddress: '192.0.2.77',
  userAgent: 'Browser/1.0',
  notify: email('issuer@example.org'),
});

describe.each(editions)('the notice of a redemption (%s)', (_name, edition) => {
  test('says which file and link, and when, in both of its parts', () => {
    const mail = composeNotice(receiptFor('2031/report.pdf'), edition);
    expect(mail.to).toBe('issuer@example.org');
    expect(mail.subject).toContain('report.pdf');
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain('report.pdf');
      expect(part).toContain('0123456789abcdef0123456789abcdef');
      expect(part).toMatch(/10[:.h ]+20/);
    }
  });

  test('tells nothing of who redeemed it, and holds no link', () => {
    const mail = composeNotice(receiptFor('report.pdf'), edition);
    const said = JSON.stringify(mail);
    expect(said).not.toMatch(/192\.0\.2|Browser|tvm_|\/redeem|\/download/);
  });

  test('stays one subject and one text, whatever the name of the file', () => {
    const mail = composeNotice(receiptFor(`<b>${'x'.repeat(900)}.pdf`), edition);
    expect(mail.subject.length).toBeLessThan(180);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html).not.toContain('<b>');
  });
});
