import { beforeEach, describe, expect, test } from '@jest/globals';
import { finishLink } from '../../../../lambda/domain/upload-links/finish-link.ts';
import { finalizeFile, signFileParts } from '../../../../lambda/domain/upload-links/link-files.ts';
import { openFile } from '../../../../lambda/domain/upload-links/open-file.ts';
import { revokeLink } from '../../../../lambda/domain/upload-links/revoke-link.ts';
import { intercept, noted } from '../../../support/intercept.ts';
import {
  createLinkWorld,
  finishedLink,
  invited,
  type LinkWorld,
  openedFile,
  sentFile,
  stateOfFile,
} from '../../../support/memory-link-world.ts';
import { scanned, value } from '../../../support/memory-upload-world.ts';
import { declared, pdf } from '../../../support/sample-files.ts';

let world: LinkWorld;

beforeEach(() => {
  world = createLinkWorld();
});

describe('finishing an upload link', () => {
  test('the link is spent, uploader and inviter get one e-mail each, and a repeated request gets the same response', async () => {
    const { link, token } = await invited(world);
    const finished = await finishedLink(world, token);
    expect(finished).toMatchObject({ state: 'finished', endedAt: finished.issuedAt });
    expect(world.queue.mails).toEqual(['invite', 'received', 'arrived']);
    expect(value(await finishLink(world, token)).link).toEqual(finished);
    const again = await openFile(world, token, declared(pdf('more'), 'crc64nvme'));
    expect(again).toMatchObject({ error: { code: 'token_redeemed', at: finished.endedAt, renewal: 'none' } });
    expect(await world.linkHistory.eventsOf(link.linkId)).toEqual(['invited', 'file-opened', 'finished']);
  });

  test('a link without a file or with a half-sent file is incomplete', async () => {
    const { token } = await invited(world);
    const incomplete = { ok: false, error: { code: 'upload_incomplete' } };
    expect(await finishLink(world, token)).toEqual(incomplete);
    await sentFile(world, token);
    await openedFile(world, token, pdf('another one'));
    const calls: string[] = [];
    const quarantine = noted(world.quarantine, 's3', calls);
    expect(await finishLink({ ...world, quarantine }, token)).toEqual(incomplete);
    expect(calls).toEqual([]);
  });

  test('a file that was parked before it was finalized is finalized with the link, and never cancelled', async () => {
    const { token } = await invited(world);
    const { uploadId } = await openedFile(world, token);
    const { parts } = value(await signFileParts(world, { token, uploadId, partNumbers: [1] }));
    for (const part of parts) world.quarantine.send(part, pdf());
    // The function crashes after S3 has assembled the file.
    const quarantine = intercept(world.quarantine, async ({ method, proceed }) => {
      if (method === 'inspect') throw new Error('The function crashed');
      return await proceed();
    });
    await expect(finalizeFile({ ...world, quarantine }, { token, uploadId })).rejects.toThrow('crashed');
    const [version] = world.quarantine.versionsOf(uploadId);
    if (version === undefined) throw new Error('S3 has no version');
    await scanned(world, version, 'UNSUPPORTED');
    expect(stateOfFile(world, uploadId)).toBe('parked');
    const hidden = intercept(world.quarantine, async ({ method, proceed }) =>
      method === 'inspect' ? undefined : await proceed(),
    );
    expect(await finishLink({ ...world, quarantine: hidden }, token)).toMatchObject({ ok: false });
    expect(stateOfFile(world, uploadId)).toBe('parked');
    expect(value(await finishLink(world, token)).link.state).toBe('finished');
  });

  test('a file whose session is over does not keep the link from being finished', async () => {
    const { token } = await invited(world);
    const { uploadId } = await openedFile(world, token, pdf(), 'other.pdf');
    world.time.advance(world.limits.sessionSeconds);
    await sentFile(world, token);
    expect(value(await finishLink(world, token)).link.state).toBe('finished');
    expect(stateOfFile(world, uploadId)).toBe('expired');
  });

  test('a link whose only file was rejected is incomplete', async () => {
    const { token } = await invited(world);
    await sentFile(world, token, { text: '<html>', size: 6 });
    expect(await finishLink(world, token)).toMatchObject({ error: { code: 'upload_incomplete' } });
  });

  test('a revoked link cannot be finished', async () => {
    const { link, token } = await invited(world);
    await sentFile(world, token);
    value(await revokeLink(world, link.linkId, 'x'));
    expect(await finishLink(world, token)).toMatchObject({ error: { code: 'token_revoked' } });
  });
});
