import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import type { LinkDescription } from '../../../../lambda/domain/describe-link.ts';
import { assetName, email, secondsAt, tokenId } from '../../../../test/support/values.ts';
import { LEAD_COLUMNS, type Lead, leadOf } from '../../../export/lead.ts';
import { type ExportFormat, writeLeads } from '../../../export/write-leads.ts';
import { escapeControls } from '../../../tvm/escape-controls.ts';

const LEAD: Lead = {
  tokenId: '0'.repeat(32),
  asset: 'report.pdf',
  fileName: 'report.pdf',
  size: 12,
  issuedBy: 'public',
  issuedAt: '2026-11-23T10:00:00Z',
  expiresAt: '2026-11-23T10:15:00Z',
  state: 'live',
  open: 'confirm',
  delivery: 'redirect',
};

async function written(
  leads: readonly Lead[],
  format: ExportFormat,
  clean = (cell: string) => cell,
): Promise<string> {
  const out = new PassThrough();
  const read = text(out);
  const items = (async function* () {
    yield* leads;
  })();
  await writeLeads(items, format, { out, clean, signal: new AbortController().signal });
  expect(out.writableEnded).toBe(false);
  out.end();
  return read;
}

describe('the CSV export', () => {
  test('has a header row even if there are no links', async () => {
    expect(await written([], 'csv')).toBe(`${LEAD_COLUMNS.join(',')}\r\n`);
  });

  test('quotes cells and ends lines as in RFC 4180', async () => {
    const [, row] = (await written([{ ...LEAD, asset: 'a,b "c".pdf', note: 'two\nlines' }], 'csv')).split(
      '\r\n',
    );
    expect(row).toContain(',"a,b ""c"".pdf",');
    expect(row).toContain(',"two\nlines",');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1'])(
    'never lets %j become a formula',
    async (note) => {
      const [, row = ''] = (await written([{ ...LEAD, note }], 'csv')).split('\r\n');
      expect(row).toContain(`'${note}`);
    },
  );

  test('does not change numbers', async () => {
    expect(await written([{ ...LEAD, deliveredBytes: 7 }], 'csv')).toMatch(/,12,.*,7,/);
  });

  test('escapes control characters on a terminal', async () => {
    expect(await written([{ ...LEAD, note: '\u001b[2J' }], 'csv', escapeControls)).not.toContain('\u001b');
  });
});

describe('the JSON lines export', () => {
  test('has one object per line, and is empty if there are no links', async () => {
    const lines = (await written([LEAD, { ...LEAD, note: 'two\nlines' }], 'jsonl')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([LEAD, { ...LEAD, note: 'two\nlines' }]);
    expect(await written([], 'jsonl')).toBe('');
  });
});

describe('leadOf', () => {
  const described: LinkDescription = {
    issued: {
      event: 'issued',
      tokenId: tokenId('a'.repeat(32)),
      at: new Date('2026-11-23T10:00:00.789Z'),
      asset: assetName('2026/report.pdf'),
      fileName: 'report.pdf',
      size: 12,
      issuedBy: 'public',
      expiresAt: secondsAt('2026-11-23T10:15:00Z'),
      open: 'confirm',
      delivery: 'stream',
      address: email('ada@example.org'),
      note: 'from the fair',
      notify: email('sales@example.org'),
    },
    state: 'redeemed',
    redeemedAt: secondsAt('2026-11-23T10:05:00Z'),
    mail: { state: 'mailed', at: new Date('2026-11-23T10:00:02.500Z') },
    delivered: { outcome: 'aborted', bytes: 5, at: new Date('2026-11-23T10:05:01.000Z') },
  };

  test('describes a link from issue to delivery', () => {
    expect(leadOf(described)).toEqual({
      tokenId: 'a'.repeat(32),
      asset: '2026/report.pdf',
      fileName: 'report.pdf',
      size: 12,
      address: 'ada@example.org',
      issuedBy: 'public',
      issuedAt: '2026-11-23T10:00:00Z',
      expiresAt: '2026-11-23T10:15:00Z',
      state: 'redeemed',
      open: 'confirm',
      delivery: 'stream',
      mail: 'mailed',
      mailAt: '2026-11-23T10:00:02Z',
      redeemedAt: '2026-11-23T10:05:00Z',
      delivered: 'aborted',
      deliveredBytes: 5,
      deliveredAt: '2026-11-23T10:05:01Z',
      note: 'from the fair',
      notify: 'sales@example.org',
    });
  });

  test('fills every column', () => {
    const all = { ...leadOf(described), revokedAt: '' };
    expect(new Set(LEAD_COLUMNS)).toEqual(new Set(Object.keys(all)));
  });
});
