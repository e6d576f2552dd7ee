import { describe, expect, test } from '@jest/globals';
import type { Refusal } from '../../../lambda/domain/errors.ts';
import type { UploadId } from '../../../lambda/domain/ids.ts';
import type { Result } from '../../../lambda/domain/result.ts';
import { extendLink } from '../../../lambda/domain/upload-links/extend-link.ts';
import { finishLink } from '../../../lambda/domain/upload-links/finish-link.ts';
import { isHalfSent, isSent, removeFile } from '../../../lambda/domain/upload-links/link-files.ts';
import { openFile } from '../../../lambda/domain/upload-links/open-file.ts';
import { revokeLink } from '../../../lambda/domain/upload-links/revoke-link.ts';
import type { UploadLink } from '../../../lambda/domain/upload-links/upload-link.ts';
import {
  createLinkWorld,
  invited,
  type LinkWorld,
  linkRow,
  sentFile,
} from '../../support/memory-link-world.ts';
import { TENANT } from '../../support/memory-upload-world.ts';
import { declared, pdf } from '../../support/sample-files.ts';
import { everySchedule } from './every-schedule.ts';

/** A link with two places. The first file has been sent. */
interface Scene {
  readonly world: LinkWorld;
  readonly link: UploadLink;
  readonly token: string;
  readonly sent: UploadId;
}

type Operation = (deps: LinkWorld, scene: Scene) => Promise<Result<unknown, Refusal>>;

const opening =
  (fileName: string): Operation =>
  (deps, { token }) =>
    openFile(deps, token, { ...declared(pdf('more'), 'crc64nvme'), fileName });

const OPERATIONS = {
  'open a.pdf': opening('a.pdf'),
  'open b.pdf': opening('b.pdf'),
  remove: (deps, { token, sent }) => removeFile(deps, { token, uploadId: sent }),
  finish: (deps, { token }) => finishLink(deps, token),
  revoke: (deps, { link: { linkId } }) => revokeLink(deps, linkId, 'x'),
  extend: (deps, { link: { linkId } }) => extendLink(deps, { linkId, tenant: TENANT, seconds: 30 * 86_400 }),
} satisfies Readonly<Record<string, Operation>>;

type Name = keyof typeof OPERATIONS;

async function createScene(): Promise<Scene> {
  const world = createLinkWorld();
  const { link, token } = await invited(world);
  const { uploadId: sent } = await sentFile(world, token);
  return { world, link, token, sent };
}

/**
 * Runs every schedule of these operations, and repeats each killed operation. `judge` gets each response: `ok`, the
 * code of a refusal, or `killed`.
 *
 * @param scheduled the port whose calls are scheduled besides those of `links`. With both, there would be too many schedules.
 */
async function race(
  names: readonly Name[],
  kills: number,
  judge: (scene: Scene, told: readonly string[]) => Promise<void>,
  scheduled: 'uploads' | 'history' = 'uploads',
) {
  return await everySchedule(kills, async (turns, follow) => {
    const scene = await createScene();
    const { world } = scene;
    const told: string[] = names.map(() => 'killed');
    names.forEach((name, operation) => {
      const deps = {
        ...world,
        links: turns.wrap(world.links, operation),
        ...(scheduled === 'history'
          ? { linkHistory: turns.wrap(world.linkHistory, operation) }
          : { uploads: turns.wrap(world.uploads, operation) }),
      };
      void OPERATIONS[name](deps, scene).then((result) => {
        told[operation] = result.ok ? 'ok' : result.error.code;
      });
    });
    await follow();
    for (const [operation, name] of names.entries()) {
      if (turns.isKilled(operation)) await OPERATIONS[name](world, scene);
    }
    await judgeHistory(scene);
    await judgeFiles(scene);
    await judge(scene, told);
  });
}

/** Checks that the history has one line for each revision. */
async function judgeHistory({ world, link }: Scene): Promise<void> {
  const lines = await world.linkHistory.linesOf(link.linkId);
  const revisions = lines.flatMap((line) => ('revision' in line ? [line.revision] : []));
  expect(revisions).toEqual(Array.from({ length: linkRow(world, link).revision + 1 }, (_, index) => index));
}

/**
 * Checks that a link has no more files than places and no file twice, and that a finished link has at least one file
 * and only complete ones.
 */
async function judgeFiles({ world, link }: Scene): Promise<void> {
  const { state, files, mostFiles } = linkRow(world, link);
  expect(files.length).toBeLessThanOrEqual(mostFiles);
  expect(new Set(files.map(({ fingerprint }) => fingerprint)).size).toBe(files.length);
  if (state !== 'finished') return;
  const uploads = files.flatMap(({ uploadId }) => world.uploads.rows.get(uploadId) ?? []);
  expect({ sent: uploads.some(isSent), half: uploads.some(isHalfSent), all: uploads.length }).toEqual({
    sent: true,
    half: false,
    all: files.length,
  });
}

const stateOf = ({ world, link }: Scene) => linkRow(world, link).state;

describe('in every schedule of two operations on a link,', () => {
  test('if a link is finished and revoked at the same time, one call wins and the other is refused', async () => {
    const endings = new Set<string>();
    await race(['finish', 'revoke'], 0, async (scene, told) => {
      endings.add(`${stateOf(scene)}: ${told.join(', ')}`);
    });
    expect([...endings].toSorted()).toEqual(['finished: ok, token_redeemed', 'revoked: token_revoked, ok']);
  });

  test('if another file is opened while a link is being finished, the link is finished without that file or not at all', async () => {
    const endings = new Set<string>();
    await race(['finish', 'open a.pdf'], 0, async (scene, told) => {
      const { length } = linkRow(scene.world, scene.link).files;
      endings.add(`${stateOf(scene)} with ${length}: ${told.join(', ')}`);
    });
    expect([...endings].toSorted()).toEqual([
      'finished with 1: ok, ok',
      'finished with 1: ok, token_redeemed',
      'open with 2: upload_incomplete, ok',
    ]);
  });

  test('if the only file is removed while its link is being finished, one call wins, and no finished link loses its file', async () => {
    const endings = new Set<string>();
    await race(['finish', 'remove'], 0, async (scene, told) => {
      const file = scene.world.uploads.rows.get(scene.sent)?.state;
      endings.add(`${stateOf(scene)}, ${file}: ${told.join(', ')}`);
    });
    expect([...endings].toSorted()).toEqual([
      'finished, finalized: ok, token_redeemed',
      'open, expired: upload_incomplete, ok',
    ]);
  });

  test('two concurrent calls that finish a link get the same response', async () => {
    const endings = new Set<string>();
    await race(['finish', 'finish'], 0, async (scene, told) => {
      endings.add(`${stateOf(scene)}: ${told.join(', ')}`);
    });
    expect([...endings]).toEqual(['finished: ok, ok']);
  });

  test('two tabs that open the same file get one upload, which is counted once', async () => {
    await race(['open a.pdf', 'open a.pdf'], 0, async ({ world, link }, told) => {
      expect(told).toEqual(['ok', 'ok']);
      expect(linkRow(world, link).files).toHaveLength(2);
      expect(world.uploads.rows.size).toBe(2);
      expect(world.quota.countOf('upload-bytes/')).toBe(2 * 2048);
    });
  });

  test('one of two files gets the last place, and the other is refused and not counted', async () => {
    const endings = new Set<string>();
    await race(['open a.pdf', 'open b.pdf'], 0, async ({ world }, told) => {
      endings.add(told.toSorted().join(', '));
      expect(world.quota.countOf('upload-bytes/')).toBe(2 * 2048);
    });
    expect([...endings]).toEqual(['ok, too_many_files']);
  });

  test('a link that is revoked while it is being extended stays revoked', async () => {
    await race(['extend', 'revoke'], 0, async (scene) => {
      expect(stateOf(scene)).toBe('revoked');
    });
  });

  test('a link that is revoked while a file is being opened accepts no more files', async () => {
    await race(['open a.pdf', 'revoke'], 0, async ({ world, link, token }) => {
      expect((await world.linkHistory.eventsOf(link.linkId)).at(-1)).toBe('revoked');
      expect(linkRow(world, link).state).toBe('revoked');
      expect(await openFile(world, token, declared(pdf('more'), 'crc64nvme'))).toMatchObject({
        error: { code: 'token_revoked' },
      });
    });
  });
});

describe('in every schedule of one operation that is killed and repeated while another one runs,', () => {
  test.each<[Name, Name]>([
    ['finish', 'revoke'],
    ['finish', 'remove'],
    ['finish', 'extend'],
    ['revoke', 'extend'],
  ])('%s and %s leave the link, its files, and its history consistent', async (one, other) => {
    await race([one, other], 1, async () => undefined);
  });

  test.each<[Name, Name]>([
    ['finish', 'revoke'],
    ['revoke', 'extend'],
  ])(
    '%s and %s record every revision, even if a call is killed before it records its own',
    async (one, other) => {
      await race([one, other], 1, async () => undefined, 'history');
    },
  );
});
