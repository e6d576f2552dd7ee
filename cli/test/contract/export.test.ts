import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DynaliteServer, startDynalite } from '../../../test/support/dynalite-server.ts';
import { assetName, email } from '../../../test/support/values.ts';
import type { Lead } from '../../export/lead.ts';
import { readLeads } from '../../export/read-leads.ts';
import { readWindow } from '../../export/window.ts';
import { TableFixture } from '../support/table-fixture.ts';

let dynamo: DynaliteServer;
let fixture: TableFixture;
beforeAll(async () => {
  dynamo = await startDynalite();
  fixture = new TableFixture(dynamo);
  const other = assetName('other.pdf');
  const ada = email('ada@example.org');
  await fixture.issue({ at: new Date('2026-09-30T23:59:59.999Z'), note: 'september' });
  const redeemed = await fixture.issue({
    at: new Date('2026-10-01T00:00:00.000Z'),
    note: 'first',
    address: ada,
  });
  await fixture.ledger.append({
    event: 'mailed',
    tokenId: redeemed.tokenId,
    at: new Date('2026-10-01T00:00:02.000Z'),
    asset: redeemed.asset.name,
  });
  await fixture.end(redeemed, 'redeemed', new Date('2026-10-01T00:05:00.000Z'));
  await fixture.issue({ at: new Date('2026-10-31T23:59:59.999Z'), note: 'last', asset: other });
  await fixture.issue({ at: new Date('2026-11-01T00:00:00.000Z'), note: 'november' });
});
afterAll(() => dynamo.close());

const NOW = new Date('2026-11-23T12:00:00.000Z');

async function exported(given: { from?: string; to?: string; asset?: string }): Promise<readonly Lead[]> {
  const window = readWindow(given, NOW);
  if (!window.ok) throw new Error(window.error);
  const asset = given.asset === undefined ? undefined : assetName(given.asset);
  const leads: Lead[] = [];
  for await (const lead of readLeads(fixture.tables, { window: window.value, asset, now: NOW }))
    leads.push(lead);
  return leads;
}
const notes = (leads: readonly Lead[]) => leads.map(({ note }) => note);

describe('readLeads', () => {
  test('returns all links, oldest first', async () => {
    expect(notes(await exported({}))).toEqual(['september', 'first', 'last', 'november']);
  });

  test('includes links from the first moment of the first day to the last moment of the last day', async () => {
    expect(notes(await exported({ from: '2026-10-01', to: '2026-10-31' }))).toEqual(['first', 'last']);
  });

  test('returns only the links for one file', async () => {
    expect(notes(await exported({ asset: 'report.pdf' }))).toEqual(['september', 'first', 'november']);
    expect(notes(await exported({ asset: 'report.pdf', from: '2026-10-01', to: '2026-10-31' }))).toEqual([
      'first',
    ]);
    expect(notes(await exported({ asset: 'unheard-of.pdf' }))).toEqual([]);
  });

  test('describes what happened to each link', async () => {
    const [lead] = await exported({ from: '2026-10-01', to: '2026-10-01' });
    expect(lead).toMatchObject({
      asset: 'report.pdf',
      address: 'ada@example.org',
      issuedAt: '2026-10-01T00:00:00Z',
      state: 'redeemed',
      mail: 'mailed',
      mailAt: '2026-10-01T00:00:02Z',
      redeemedAt: '2026-10-01T00:05:00Z',
    });
  });

  test('stops reading when its consumer stops', async () => {
    const window = readWindow({}, NOW);
    if (!window.ok) throw new Error(window.error);
    for await (const lead of readLeads(fixture.tables, { window: window.value, now: NOW })) {
      expect(lead.note).toBe('september');
      break;
    }
  });
});
