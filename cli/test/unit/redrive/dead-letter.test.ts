import { describe, expect, test } from '@jest/globals';
import { deadLetterOf } from '../../../redrive/dead-letter.ts';

const ID = 'c'.repeat(32);
const message = (body: unknown) => ({
  MessageId: 'm1',
  Body: typeof body === 'string' ? body : JSON.stringify(body),
  Attributes: { SentTimestamp: '1795471200000', ApproximateReceiveCount: '6' },
});

describe('deadLetterOf', () => {
  test.each([
    ['an e-mail', { tokenId: ID }],
    ['a notice', { tokenId: ID, kind: 'notice' }],
    ['a bounce', { detail: { eventType: 'Bounce', mail: { tags: { tokenId: [ID] } } } }],
    ['a bounce of a notice', { detail: { eventType: 'Bounce', mail: { tags: { noticeOf: [ID] } } } }],
  ])('names the link of %s', (_what, body) => {
    expect(deadLetterOf(message(body))).toEqual({
      messageId: 'm1',
      tokenId: ID,
      sentAt: '2026-11-23T22:00:00.000Z',
      received: 6,
    });
  });

  const UPLOAD = `c${'0'.repeat(31)}`;
  test.each([
    ['an upload that arrived', { object: { key: `uploads/${UPLOAD}` } }, UPLOAD],
    ['a verdict', { s3ObjectDetails: { objectKey: `uploads/${UPLOAD}` } }, UPLOAD],
    ['another object', { object: { key: 'gated/report.pdf' } }, undefined],
  ])('finds the upload, if any, in a message about %s', (_what, detail, uploadId) => {
    expect(deadLetterOf(message({ detail })).uploadId).toBe(uploadId);
  });

  test.each(['not JSON', '{}', '[]', JSON.stringify({ tokenId: 'ada@example.org' })])(
    'shows no part of the body %j',
    (body) => {
      expect(deadLetterOf(message(body))).toEqual({
        messageId: 'm1',
        sentAt: '2026-11-23T22:00:00.000Z',
        received: 6,
      });
    },
  );

  test('does not show the recipient', () => {
    const body = {
      detail: {
        mail: { destination: ['ada@example.org'], tags: { tokenId: [ID] } },
        bounce: { bouncedRecipients: [] },
      },
    };
    expect(JSON.stringify(deadLetterOf(message(body)))).not.toContain('ada');
  });
});
