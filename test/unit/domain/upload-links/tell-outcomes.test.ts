import { beforeEach, describe, expect, test } from '@jest/globals';
import { extendLink } from '../../../../lambda/domain/upload-links/extend-link.ts';
import { finishLink } from '../../../../lambda/domain/upload-links/finish-link.ts';
import { tellOutcomes } from '../../../../lambda/domain/upload-links/tell-outcomes.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { intercept } from '../../../support/intercept.ts';
import {
  createLinkWorld,
  invited,
  type LinkWorld,
  openedFile,
  sentFile,
} from '../../../support/memory-link-world.ts';
import { scanned, TENANT, value } from '../../../support/memory-upload-world.ts';

let world: LinkWorld;

beforeEach(() => {
  world = createLinkWorld();
});

describe('notifying the inviter of the outcome', () => {
  const tell = (deps: Partial<LinkWorld> = {}) =>
    tellOutcomes({ ...world, ...deps }, (cause) => {
      throw cause;
    });

  test('the outcome is mailed once, when the last file is published or rejected', async () => {
    const { token } = await invited(world);
    const upload = await sentFile(world, token);
    value(await finishLink(world, token));
    expect(await tell()).toEqual({ told: 0, failed: 0 });
    const [version] = world.quarantine.versionsOf(upload.uploadId);
    if (version === undefined) throw new Error('S3 has no version');
    await scanned(world, version, 'THREATS_FOUND');
    expect(await tell()).toEqual({ told: 1, failed: 0 });
    expect(await tell()).toEqual({ told: 0, failed: 0 });
    expect(world.queue.mails).toEqual(['invite', 'received', 'arrived', 'outcome']);
  });

  test('the inviter of an expired link is also notified of its files', async () => {
    const { token } = await invited(world);
    const { uploadId } = await openedFile(world, token);
    value(await cancelUpload(world, uploadId, TENANT));
    expect(await tell()).toEqual({ told: 0, failed: 0 });
    world.time.advance(8 * 86_400);
    expect(await tell()).toEqual({ told: 1, failed: 0 });
  });

  test('the inviter of an expired link that was extended is notified again when it ends', async () => {
    const { link, token } = await invited(world);
    const { uploadId } = await openedFile(world, token);
    value(await cancelUpload(world, uploadId, TENANT));
    world.time.advance(8 * 86_400);
    expect(await tell()).toEqual({ told: 1, failed: 0 });
    value(await extendLink(world, { linkId: link.linkId, tenant: TENANT, seconds: 86_400 }));
    expect(await tell()).toEqual({ told: 0, failed: 0 });
    world.time.advance(86_400);
    expect(await tell()).toEqual({ told: 1, failed: 0 });
  });

  test("the outcome is not queued before the history has the last extension's line, which a crash can delay", async () => {
    const { link, token } = await invited(world);
    const { uploadId } = await openedFile(world, token);
    value(await cancelUpload(world, uploadId, TENANT));
    const linkHistory = intercept(world.linkHistory, async ({ args, proceed }) => {
      if (JSON.stringify(args).includes('"extended"')) throw new Error('The function crashed');
      return await proceed();
    });
    const extension = { linkId: link.linkId, tenant: TENANT, seconds: 8 * 86_400 };
    await expect(extendLink({ ...world, linkHistory }, extension)).rejects.toThrow('crashed');
    world.time.advance(8 * 86_400);
    let history: readonly string[] = [];
    const queue = intercept(world.queue, async ({ proceed }) => {
      history = (await world.linkHistory.linesOf(link.linkId)).map(({ event }) => event);
      return await proceed();
    });
    expect(await tell({ queue })).toEqual({ told: 1, failed: 0 });
    expect(history).toContain('extended');
  });
});
