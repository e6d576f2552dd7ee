import { describe, expect, test } from '@jest/globals';
import { secondsAfter } from '../../../../lambda/domain/ids.ts';
import {
  type Fact,
  NEXT,
  PATIENCE_SECONDS,
  after as upon,
} from '../../../../lambda/domain/uploads/states.ts';
import type { Upload } from '../../../../lambda/domain/uploads/upload.ts';
import { createUploadWorld, opened } from '../../../support/memory-upload-world.ts';

const PINNED = { versionId: 'v1', eTag: 'e1' };
const OTHER = { versionId: 'v2', eTag: 'e2' };

const world = createUploadWorld();
const created = await opened(world);
const later = new Date(world.clock().getTime() + 60_000);

/** Every situation that an upload can be in. In all of them, only version `v1` is pinned or judged. */
const SITUATIONS: Readonly<Record<string, Upload>> = {
  created,
  uploaded: { ...created, state: 'uploaded' },
  clean: { ...created, state: 'clean', verdict: { versionId: 'v1', result: 'clean' } },
  unclear: {
    ...created,
    state: 'parked',
    verdict: { versionId: 'v1', result: 'failed' },
    reason: 'scan_failed',
  },
  finalized: { ...created, state: 'finalized', version: PINNED },
  parked: { ...created, state: 'parked', version: PINNED, reason: 'no_verdict' },
  published: { ...created, state: 'published', version: PINNED, closed: true },
  rejected: { ...created, state: 'rejected', reason: 'malware' },
  expired: { ...created, state: 'expired', reason: 'timed_out' },
};

const FACTS: Readonly<Record<string, Fact>> = {
  arrived: { kind: 'arrived' },
  'checked v1': { kind: 'checked', version: PINNED },
  'checked v2': { kind: 'checked', version: OTHER },
  mismatched: { kind: 'mismatched', reason: 'type_mismatch' },
  'clean v1': { kind: 'verdict', versionId: 'v1', result: 'clean' },
  'clean v2': { kind: 'verdict', versionId: 'v2', result: 'clean' },
  'threats v1': { kind: 'verdict', versionId: 'v1', result: 'threats' },
  'threats v2': { kind: 'verdict', versionId: 'v2', result: 'threats' },
  'failed v1': { kind: 'verdict', versionId: 'v1', result: 'failed' },
  'failed v2': { kind: 'verdict', versionId: 'v2', result: 'failed' },
  unanswered: { kind: 'unanswered' },
  'released v1': { kind: 'released', versionId: 'v1', by: 'ada' },
  'released v2': { kind: 'released', versionId: 'v2', by: 'ada' },
  refused: { kind: 'refused', by: 'ada' },
  cancelled: { kind: 'cancelled' },
  'timed-out': { kind: 'timed-out' },
};

/** The state after each fact in each situation. A hyphen means that the fact changes nothing. */
const TABLE = `
fact         created   uploaded  clean     unclear   finalized parked    published rejected  expired
arrived      uploaded  -         -         -         -         -         -         -         -
checked_v1   finalized finalized published parked    -         -         -         -         -
checked_v2   finalized finalized finalized finalized -         -         -         -         -
mismatched   rejected  rejected  rejected  rejected  -         -         -         -         -
clean_v1     clean     clean     -         clean     published published -         -         -
clean_v2     clean     clean     -         clean     -         -         -         -         -
threats_v1   rejected  rejected  rejected  rejected  rejected  rejected  rejected  -         -
threats_v2   rejected  rejected  rejected  rejected  -         -         -         -         -
failed_v1    parked    parked    -         -         parked    -         -         -         -
failed_v2    parked    parked    -         -         -         -         -         -         -
unanswered   -         -         -         -         parked    -         -         -         -
released_v1  -         -         -         -         -         published -         -         -
released_v2  -         -         -         -         -         -         -         -         -
refused      rejected  rejected  rejected  rejected  rejected  rejected  -         -         -
cancelled    expired   expired   expired   expired   expired   expired   -         -         -
timed-out    expired   expired   expired   expired   -         -         -         -         -
`;

const [[, ...columns] = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.split(/ +/));
const CELLS = rows.flatMap(([fact = '', ...cells]) =>
  cells.map((follows, column) => [columns[column] ?? '', fact.replace('_', ' '), follows] as const),
);

function situation(name: string): Upload {
  const upload = SITUATIONS[name];
  if (upload === undefined) throw new RangeError(name);
  return upload;
}

function fact(name: string): Fact {
  const known = FACTS[name];
  if (known === undefined) throw new RangeError(name);
  return known;
}

describe('the life of an upload', () => {
  test.each(CELLS)('in the situation %s, the fact "%s" leads to %s', (name, what, follows) => {
    expect(upon(situation(name), fact(what), later)?.state ?? '-').toBe(follows);
  });

  test('the table has every situation and every fact', () => {
    expect(CELLS).toHaveLength(Object.keys(SITUATIONS).length * Object.keys(FACTS).length);
    expect(new Set(Object.values(SITUATIONS).map(({ state }) => state))).toEqual(new Set(Object.keys(NEXT)));
  });

  test('a repeated fact changes nothing', () => {
    for (const [name, what] of CELLS) {
      const once = upon(situation(name), fact(what), later);
      if (once !== undefined) expect(upon(once, fact(what), later)).toBeUndefined();
    }
  });

  test.each([
    ['created', 'arrived', {}],
    ['created', 'mismatched', { reason: 'type_mismatch' }],
    ['finalized', 'threats v1', { reason: 'malware' }],
    ['finalized', 'failed v1', { reason: 'scan_failed' }],
    ['finalized', 'unanswered', { reason: 'no_verdict' }],
    ['finalized', 'clean v1', {}],
    ['unclear', 'checked v1', { reason: 'scan_failed', version: PINNED }],
    ['unclear', 'checked v2', { version: OTHER }],
    ['parked', 'released v1', {}],
    ['parked', 'refused', { reason: 'operator' }],
    ['finalized', 'cancelled', { reason: 'cancelled' }],
    ['uploaded', 'timed-out', { reason: 'timed_out' }],
  ])('in the situation %s, the fact "%s" sets the right reason and version', (name, what, expected) => {
    const { reason, version } = upon(situation(name), fact(what), later) ?? {};
    expect({ reason, version: version ?? situation(name).version }).toEqual({
      reason: undefined,
      version: situation(name).version,
      ...expected,
    });
  });

  test.each<[string, string, (upload: Upload) => number]>([
    ['created', 'arrived', ({ sessionExpiresAt }) => sessionExpiresAt],
    ['created', 'clean v1', ({ sessionExpiresAt }) => sessionExpiresAt],
    ['created', 'failed v1', ({ sessionExpiresAt }) => sessionExpiresAt],
    ['created', 'checked v1', ({ createdAt }) => secondsAfter(createdAt, 60 + PATIENCE_SECONDS)],
    ['finalized', 'clean v1', ({ createdAt }) => secondsAfter(createdAt, 60)],
    ['created', 'cancelled', ({ createdAt }) => secondsAfter(createdAt, 60)],
    ['finalized', 'failed v1', () => Date.UTC(9999, 11, 31, 23, 59, 59) / 1000],
  ])('in the situation %s, the fact "%s" makes the upload due at the right time', (name, what, due) => {
    expect(upon(situation(name), fact(what), later)?.dueAt).toBe(due(created));
  });

  test('a published upload that is rejected must be closed again', () => {
    expect(upon(situation('published'), fact('threats v1'), later)).toMatchObject({ closed: false });
  });

  test('a step by an operator names the operator', () => {
    const { step } = upon(situation('parked'), fact('released v1'), later) ?? {};
    expect(step).toEqual({ event: 'released', by: 'ada', versionId: 'v1' });
  });
});
