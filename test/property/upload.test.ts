import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newUploadId, parseObjectId, parseUploadId } from '../../lambda/domain/ids.ts';
import { type Fact, hasEnded, after as upon } from '../../lambda/domain/uploads/states.ts';
import {
  keyOfUpload,
  objectOf,
  partsOf,
  sizeOfPart,
  type Upload,
  uploadOf,
  uploadOfKey,
} from '../../lambda/domain/uploads/upload.ts';
import { uploadAt } from '../support/uploads.ts';

const MIB = 1024 ** 2;
const TIB = 1024 ** 4;

describe('the parts of a file', () => {
  const sizes = fc.oneof(fc.integer({ min: 1, max: 5 * TIB }), fc.integer({ min: 1, max: 64 * MIB }));

  test('the parts of any file add up to its size, and S3 accepts each of them', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { partSize, partCount } = partsOf(size);
        const last = sizeOfPart(size, partCount) ?? 0;
        expect(partCount).toBeLessThanOrEqual(10_000);
        expect(partSize).toBeGreaterThanOrEqual(5 * MIB);
        expect(partSize).toBeLessThanOrEqual(5 * 1024 * MIB);
        expect(last).toBeGreaterThan(0);
        expect(last).toBeLessThanOrEqual(partSize);
        expect(partSize * (partCount - 1) + last).toBe(size);
      }),
    );
  });

  test('only part numbers from 1 to the last one have a size', () => {
    fc.assert(
      fc.property(sizes, fc.integer(), (size, partNumber) => {
        const exists = partNumber >= 1 && partNumber <= partsOf(size).partCount;
        expect(sizeOfPart(size, partNumber) !== undefined).toBe(exists);
      }),
    );
  });
});

describe('the IDs of uploads', () => {
  test('an upload ID, its object ID, and its key can be derived from each other', () => {
    const uploadId = newUploadId();
    expect(parseUploadId(uploadId)).toBe(uploadId);
    expect(parseObjectId(objectOf(uploadId))).toBe(objectOf(uploadId));
    expect(uploadOf(objectOf(uploadId))).toBe(uploadId);
    expect(uploadOfKey(keyOfUpload(uploadId))).toBe(uploadId);
  });

  test('a string counts as an ID or a key if and only if it has exactly the right format', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-f]?[0-9a-fA-F]{30,32}$/)), (text) => {
        expect(parseUploadId(text) !== undefined).toBe(/^c[0-9a-f]{31}$/.test(text));
        expect(parseObjectId(text) !== undefined).toBe(/^d[0-9a-f]{31}$/.test(text));
        expect(uploadOfKey(`uploads/${text}`)).toBe(parseUploadId(text));
        expect(uploadOfKey(text)).toBeUndefined();
      }),
    );
  });
});

describe('any sequence of facts', () => {
  const START = new Date('2031-05-17T10:20:30Z');
  const FRESH = uploadAt(START);
  const versionIds = fc.constantFrom('v1', 'v2');
  const facts: fc.Arbitrary<Fact> = fc.oneof(
    fc.constantFrom<Fact>(
      { kind: 'arrived' },
      { kind: 'mismatched', reason: 'size_mismatch' },
      { kind: 'unanswered' },
      { kind: 'refused', by: 'ada' },
      { kind: 'cancelled' },
      { kind: 'timed-out' },
    ),
    versionIds.map<Fact>((versionId) => ({ kind: 'checked', version: { versionId, eTag: versionId } })),
    versionIds.map<Fact>((versionId) => ({ kind: 'released', versionId, by: 'ada' })),
    fc
      .tuple(versionIds, fc.constantFrom('clean', 'threats', 'failed', 'unsupported'))
      .map<Fact>(([versionId, result]) => ({ kind: 'verdict', versionId, result })),
  );
  const moments = fc.integer({ min: -60, max: 200_000 });
  const lives = fc.array(fc.tuple(facts, moments), { maxLength: 12 });

  /** Returns every revision of the upload, each with the facts known by then. */
  function revisionsOf(life: readonly (readonly [Fact, number])[]) {
    const revisions: { readonly upload: Upload; readonly known: readonly Fact[] }[] = [];
    let upload = FRESH;
    life.forEach(([fact, seconds], index) => {
      const next = upon(upload, fact, new Date(START.getTime() + seconds * 1000));
      if (next === undefined) return;
      revisions.push({ upload: next, known: life.slice(0, index + 1).map(([known]) => known) });
      upload = next;
    });
    return revisions;
  }

  const holds = (rule: (revision: ReturnType<typeof revisionsOf>[number], before: Upload) => void) =>
    fc.assert(
      fc.property(lives, (life) => {
        const revisions = revisionsOf(life);
        revisions.forEach((revision, index) => {
          rule(revision, revisions[index - 1]?.upload ?? FRESH);
        });
      }),
      { numRuns: 2000 },
    );

  test('publishes only a pinned version that is clean or released', () => {
    holds(({ upload: { state, version }, known }) => {
      if (state !== 'published') return;
      expect(version).toBeDefined();
      const vouched = known.some(
        (fact) =>
          (fact.kind === 'released' || (fact.kind === 'verdict' && fact.result === 'clean')) &&
          fact.versionId === version?.versionId,
      );
      expect(vouched).toBe(true);
    });
  });

  test('never changes the pinned version', () => {
    holds(({ upload }, before) => {
      if (before.version !== undefined) expect(upload.version).toEqual(before.version);
    });
  });

  test('never leaves a final state, except from published to rejected', () => {
    holds(({ upload }, before) => {
      if (hasEnded(before)) expect([before.state, upload.state]).toEqual(['published', 'rejected']);
    });
  });

  test('gives every change the next revision number and a later time', () => {
    holds(({ upload }, before) => {
      expect(upload.revision).toBe(before.revision + 1);
      expect(upload.changedAt.getTime()).toBeGreaterThan(before.changedAt.getTime());
    });
  });

  test('gives a reason if and only if the upload is rejected, parked, or expired', () => {
    holds(({ upload: { state, reason } }) => {
      expect(reason !== undefined).toBe(state === 'rejected' || state === 'parked' || state === 'expired');
    });
  });
});
