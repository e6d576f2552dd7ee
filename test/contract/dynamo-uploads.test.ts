import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoUploadHistory } from '../../lambda/adapters/dynamo-upload-history.ts';
import { DynamoUploads } from '../../lambda/adapters/dynamo-uploads.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { epochSeconds, newUploadId, secondsAfter } from '../../lambda/domain/ids.ts';
import { after, afterClosing, type Fact } from '../../lambda/domain/uploads/states.ts';
import type { Upload } from '../../lambda/domain/uploads/upload.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { uploadAt } from '../support/uploads.ts';
import { first } from './first-call.ts';

let dynamo: DynaliteServer;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.close());
afterEach(() => dynamo.clear('uploads'));
const later = afterwards();

const AT = new Date('2031-05-17T10:20:30.123Z');
const DAY = 86_400;

const uploads = (url?: string) =>
  new DynamoUploads(dynamo.client(url), { table: 'uploads', retentionDays: 10 });

async function rowOf({ uploadId }: Upload) {
  const { Item } = await dynamo.client().send(new GetCommand({ TableName: 'uploads', Key: { uploadId } }));
  return Item;
}

/** Applies these facts to an upload, one second apart, and returns the changed upload. */
function moved(upload: Upload, ...facts: readonly Fact[]): Upload {
  return facts.reduce((before, fact, index) => {
    const next = after(before, fact, new Date(AT.getTime() + 1000 * (index + 1)));
    if (next === undefined) throw new Error(`${fact.kind} changes nothing`);
    return next;
  }, upload);
}

const CHECKED: Fact = { kind: 'checked', version: { versionId: 'v1', eTag: '"e"' } };
const CLEAN: Fact = { kind: 'verdict', versionId: 'v1', result: 'clean' };

describe('the upload table', () => {
  test('returns an upload unchanged, including its dates', async () => {
    const opened = { ...uploadAt(AT), digest: 'd', multipartId: 'm' };
    expect(await uploads().open(opened)).toEqual(opened);
    expect(await uploads().find(opened.uploadId)).toEqual(opened);
    const published = moved(opened, CHECKED, CLEAN);
    expect(await uploads().change(opened, { ...published, revision: 1 })).toBe('changed');
    expect(await uploads().find(opened.uploadId)).toEqual({ ...published, revision: 1 });
  });

  test('returns nothing for an unknown ID', async () => {
    expect(await uploads().find(newUploadId())).toBeUndefined();
  });

  test('returns the first upload to everyone who opens one with the same ID', async () => {
    const first = uploadAt(AT);
    await uploads().open(first);
    expect(await uploads().open({ ...first, slot: 7 })).toEqual(first);
  });

  test('accepts only one of twenty changes to the same revision', async () => {
    const opened = uploadAt(AT);
    await uploads().open(opened);
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        uploads().change(opened, { ...moved(opened, { kind: 'arrived' }), slot: writer }),
      ),
    );
    expect(responses.filter((response) => response === 'changed')).toHaveLength(1);
  });

  test('reports a change as stale if the state differs, even if the revision is the same', async () => {
    const opened = uploadAt(AT);
    await uploads().open(opened);
    expect(await uploads().change({ ...opened, state: 'clean' }, moved(opened, CHECKED))).toBe('stale');
    const unknown = uploadAt(AT);
    expect(await uploads().change(unknown, moved(unknown, CHECKED))).toBe('stale');
  });

  test('reports a change as successful even if the response was lost', async () => {
    const proxy = await startFaultProxy(dynamo.url, first('PutItem', 'lose-response'));
    later(proxy.close);
    const opened = uploadAt(AT);
    await uploads().open(opened);
    expect(await uploads(proxy.url).change(opened, moved(opened, CHECKED))).toBe('changed');
  });

  test('reports a retried change as stale if another writer was faster', async () => {
    const opened = uploadAt(AT);
    await uploads().open(opened);
    const other = moved(opened, { kind: 'cancelled' });
    let puts = 0;
    const proxy = await startFaultProxy(dynamo.url, (target) => {
      if (!target.endsWith('.PutItem')) return { fate: 'pass' };
      puts += 1;
      return { fate: puts === 1 ? 'lose-request' : 'pass' };
    });
    later(proxy.close);
    await uploads().change(opened, other);
    expect(await uploads(proxy.url).change(opened, moved(opened, CHECKED))).toBe('stale');
    expect(puts).toBe(2);
    expect(await uploads().find(opened.uploadId)).toEqual(other);
  });

  test('throws Unavailable when DynamoDB is down', async () => {
    const proxy = await startFaultProxy(dynamo.url, () => ({ fate: 'lose-request' }));
    later(proxy.close);
    const opened = uploadAt(AT);
    await expect(uploads(proxy.url).open(opened)).rejects.toBeInstanceOf(Unavailable);
    await expect(uploads(proxy.url).find(opened.uploadId)).rejects.toBeInstanceOf(Unavailable);
    await expect(uploads(proxy.url).pile('created', { limit: 1 })).rejects.toBeInstanceOf(Unavailable);
  });

  test('removes an upload one retention period after it ends', async () => {
    const opened = uploadAt(AT);
    await uploads().open(opened);
    expect(await rowOf(opened)).toMatchObject({ removeAt: opened.sessionExpiresAt + 10 * DAY });
    const cancelled = moved(opened, { kind: 'cancelled' });
    await uploads().change(opened, cancelled);
    expect(await rowOf(opened)).toMatchObject({ removeAt: epochSeconds(cancelled.changedAt) + 10 * DAY });
  });

  test('keeps a parked upload, whose file waits in the bucket, until an operator decides', async () => {
    const opened = uploadAt(AT);
    await uploads().open(opened);
    const unclear: Fact = { kind: 'verdict', versionId: 'v1', result: 'unsupported' };
    const parked = { ...moved(opened, CHECKED, unclear), revision: 1 };
    await uploads().change(opened, parked);
    expect(await rowOf(opened)).not.toHaveProperty('removeAt');
    const refused = moved(parked, { kind: 'refused', by: 'an operator' });
    await uploads().change(parked, refused);
    expect(await rowOf(opened)).toHaveProperty('removeAt');
  });

  test('keeps a published upload indefinitely, and removes it only after a later scan rejects it', async () => {
    const opened = uploadAt(AT);
    await uploads().open(opened);
    const published = { ...moved(opened, CHECKED, CLEAN), revision: 1 };
    await uploads().change(opened, published);
    expect(await rowOf(opened)).not.toHaveProperty('removeAt');
    const rejected = moved(published, { kind: 'verdict', versionId: 'v1', result: 'threats' });
    await uploads().change(published, rejected);
    expect(await rowOf(opened)).toHaveProperty('removeAt');
  });
});

describe('the upload piles', () => {
  test('list an open upload by state, an ended upload as "closing", and a closed upload by state again', async () => {
    const opened = uploadAt(AT);
    const uploaded = moved(opened, { kind: 'arrived' });
    const cancelled = moved(uploaded, { kind: 'cancelled' });
    const closed = afterClosing(cancelled, AT);
    await uploads().open(opened);
    const piles: (readonly string[])[] = [];
    let before = opened;
    for (const upload of [opened, uploaded, cancelled, closed]) {
      await uploads().change(before, upload);
      before = upload;
      const holding: string[] = [];
      for (const pile of ['created', 'uploaded', 'closing', 'expired'] as const) {
        if ((await uploads().pile(pile, { limit: 9 })).uploads.length > 0) holding.push(pile);
      }
      piles.push(holding);
    }
    expect(piles).toEqual([['created'], ['uploaded'], ['closing'], ['expired']]);
  });

  test('are read in pages, most overdue first, without uploads that are due later', async () => {
    const due = [30, 10, 20, 10, 90].map((seconds) => ({
      ...uploadAt(AT),
      dueAt: secondsAfter(epochSeconds(AT), seconds),
    }));
    for (const upload of due) await uploads().open(upload);
    const read: Upload[] = [];
    const dueUntil = epochSeconds(AT) + 30;
    let page = await uploads().pile('created', { limit: 2, dueUntil });
    read.push(...page.uploads);
    while (page.next !== undefined) {
      page = await uploads().pile('created', { limit: 2, dueUntil, after: page.next });
      read.push(...page.uploads);
    }
    expect(read.map(({ dueAt }) => dueAt - epochSeconds(AT))).toEqual([10, 10, 20, 30]);
    expect(new Set(read.map(({ uploadId }) => uploadId)).size).toBe(4);
    expect((await uploads().pile('created', { limit: 9 })).uploads).toHaveLength(5);
  });
});

describe('the history of uploads', () => {
  const history = (url?: string) =>
    new DynamoUploadHistory(dynamo.client(url), { table: 'uploadHistory', retentionDays: 10 });
  const at = (milliseconds: number) => new Date(AT.getTime() + milliseconds);

  test('returns the lines of an upload in order, each once', async () => {
    const uploadId = newUploadId();
    const lines = [
      { uploadId, at: at(0), revision: 0, event: 'opened' },
      { uploadId, at: at(5), revision: 9, event: 'finalized', versionId: 'v1' },
      { uploadId, at: at(5), revision: 10, event: 'verdict', versionId: 'v1', result: 'failed' },
      { uploadId, at: at(9), revision: 11, event: 'parked', reason: 'scan_failed' },
    ] as const;
    for (const line of [...lines, ...lines].reverse()) await history().append(line);
    await history().append({ uploadId: newUploadId(), at: at(0), revision: 0, event: 'opened' });
    expect(await history().linesOf(uploadId)).toEqual(lines);
  });

  test('keeps the lines of all downloads, even of several in the same millisecond', async () => {
    const uploadId = newUploadId();
    for (let download = 0; download < 3; download += 1) {
      await history().append({ uploadId, at: AT, event: 'download' });
    }
    expect(await history().linesOf(uploadId)).toEqual(Array(3).fill({ uploadId, at: AT, event: 'download' }));
  });

  test('returns all lines of an upload even if they span several pages', async () => {
    const uploadId = newUploadId();
    const by = 'x'.repeat(300_000);
    for (let revision = 0; revision < 5; revision += 1) {
      await history().append({ uploadId, at: at(revision), revision, event: 'asked', by });
    }
    expect(await history().linesOf(uploadId)).toHaveLength(5);
  });

  test('sets lines to expire after the retention period', async () => {
    const uploadId = newUploadId();
    await history().append({ uploadId, at: AT, revision: 3, event: 'closed' });
    const Key = { uploadId, timeEvent: '2031-05-17T10:20:30.123Z#000003#closed' };
    const { Item } = await dynamo.client().send(new GetCommand({ TableName: 'uploadHistory', Key }));
    expect(Item).toEqual({ ...Key, event: 'closed', revision: 3, removeAt: epochSeconds(AT) + 10 * DAY });
  });

  test('appends a line once if the response was lost, and throws Unavailable if DynamoDB is down', async () => {
    const uploadId = newUploadId();
    const line = { uploadId, at: AT, revision: 0, event: 'opened' } as const;
    const losing = await startFaultProxy(dynamo.url, first('PutItem', 'lose-response'));
    const down = await startFaultProxy(dynamo.url, () => ({ fate: 'lose-request' }));
    later(losing.close);
    later(down.close);
    await history(losing.url).append(line);
    expect(await history().linesOf(uploadId)).toEqual([line]);
    await expect(history(down.url).append(line)).rejects.toBeInstanceOf(Unavailable);
    await expect(history(down.url).linesOf(uploadId)).rejects.toBeInstanceOf(Unavailable);
  });
});
