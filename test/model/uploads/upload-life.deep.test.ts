import { expect, test } from '@jest/globals';
import { formatOutcome, search } from '../search.ts';
import { runUploadSchedule } from './schedule.ts';

/* Runs the schedules of upload-life.test.ts, and enough others to reach every outcome below. */

/** Outcomes that the schedules must reach. Schedules prove nothing about an outcome that they never reach. */
const REACHED = [
  'opened',
  'quota_exceeded',
  'signed',
  'upload_incomplete',
  'upload_ended',
  'finalized',
  'published',
  'rejected',
  'parked',
  'cancelled',
  'already_published',
  'downloaded',
  'not_published',
  'a stranger asked',
  'stray-version',
  'release',
  'reject',
  'rescan',
  'not_parked',
  'swept: asked',
  'swept: parked',
  'swept: published',
  'swept: expired',
  'swept: deleted',
  'S3 responds with 200',
  'S3 responds with 400',
  'S3 responds with 403',
  'S3 responds with 404',
  'S3 responds with 412',
  'request-lost',
  'response-lost',
  'doubled',
  'late',
  'echoed',
  'arrives late',
  'killed',
  'at the end published',
  'at the end rejected',
  'at the end expired',
  'at the end parked',
];

test('every rule for the life of an upload holds in 2,000 schedules, and they reach every expected outcome', async () => {
  const { broken, tally } = await search(1, 2000, runUploadSchedule);
  if (broken !== undefined) throw new Error(formatOutcome(broken));
  expect(REACHED.filter((what) => (tally.get(what) ?? 0) < 20)).toEqual([]);
});
