import { beforeEach, describe, expect, test } from '@jest/globals';
import { type LinkId, newLinkId } from '../../../../lambda/domain/ids.ts';
import { signToken } from '../../../../lambda/domain/token.ts';
import { finishLink } from '../../../../lambda/domain/upload-links/finish-link.ts';
import {
  filesOfLink,
  finalizeFile,
  removeFile,
  signFileParts,
} from '../../../../lambda/domain/upload-links/link-files.ts';
import { openFile, openForm } from '../../../../lambda/domain/upload-links/open-file.ts';
import { revokeLink } from '../../../../lambda/domain/upload-links/revoke-link.ts';
import { claimsOf } from '../../../../lambda/domain/upload-links/upload-link.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { typeByName } from '../../../../lambda/views/upload-endings.ts';
import { intercept } from '../../../support/intercept.ts';
import {
  createLinkWorld,
  invited,
  type LinkWorld,
  linkRow,
  openedFile,
  sentFile,
  stateOfFile,
} from '../../../support/memory-link-world.ts';
import { scanned, TENANT, value } from '../../../support/memory-upload-world.ts';
import { declared, pdf } from '../../../support/sample-files.ts';

const MIB = 1024 ** 2;
let world: LinkWorld;

beforeEach(() => {
  world = createLinkWorld();
});

describe('opening a file in an upload link', () => {
  test("the upload belongs to the inviter and the link, and takes none of the tenant's upload slots", async () => {
    const { link, token } = await invited(world);
    const upload = await openedFile(world, token);
    expect(upload).toMatchObject({ tenant: TENANT, linkId: link.linkId, state: 'created' });
    expect(upload.multipartId).toBeDefined();
    expect(world.quota.countOf('upload-slots/')).toBe(0);
    expect(world.quota.countOf('upload-bytes/')).toBe(upload.size);
  });

  test('opening the same file again returns the same upload, and another file takes another place', async () => {
    const { token } = await invited(world);
    const first = await openedFile(world, token);
    expect(await openedFile(world, token)).toEqual(first);
    const other = await openedFile(world, token, pdf(), 'other.pdf');
    expect(other.uploadId).not.toBe(first.uploadId);
    expect(world.quota.countOf('upload-bytes/')).toBe(first.size + other.size);
    const third = { ...declared(pdf(), 'crc64nvme'), fileName: 'third.pdf' };
    expect(await openFile(world, token, third)).toMatchObject({ error: { code: 'too_many_files' } });
    expect(world.quota.countOf('upload-bytes/')).toBe(first.size + other.size);
  });

  test('two tabs that open the same file at the same time get the same upload, which is counted once', async () => {
    const { token } = await invited(world);
    const [one, other] = await Promise.all([openedFile(world, token), openedFile(world, token)]);
    expect(one.uploadId).toBe(other.uploadId);
    expect(world.quota.countOf('upload-bytes/')).toBe(one.size);
  });

  test('a file whose session has ended gets a new upload in its old place', async () => {
    const { link, token } = await invited(world, { mostFiles: 1 });
    const first = await openedFile(world, token);
    value(await cancelUpload(world, first.uploadId, TENANT));
    const second = await openedFile(world, token);
    expect(second.uploadId).not.toBe(first.uploadId);
    expect(linkRow(world, link).files).toHaveLength(1);
  });

  test('a file that was sent keeps its upload, even after its session is over', async () => {
    const { token } = await invited(world);
    const { uploadId } = await sentFile(world, token);
    world.time.advance(world.limits.sessionSeconds);
    expect((await openedFile(world, token)).uploadId).toBe(uploadId);
  });

  test('a file whose session is over gets a new upload even before the sweep has ended the old one', async () => {
    const { link, token } = await invited(world, { mostFiles: 1 });
    const first = await openedFile(world, token);
    world.time.advance(world.limits.sessionSeconds);
    const second = await openedFile(world, token);
    expect(second.uploadId).not.toBe(first.uploadId);
    expect(linkRow(world, link).files).toMatchObject([{ uploadId: second.uploadId }]);
  });

  test.each([
    ['upload_too_large', pdf('a report', 1025), {}],
    ['type_not_allowed', pdf('a report', 1024), { type: 'text/plain' }],
  ] as const)("a file that violates the link's terms is refused with %s", async (code, file, details) => {
    const { token } = await invited(world, { mostBytes: 1024, types: ['application/pdf'] });
    const wanted = { ...declared(file, 'crc64nvme'), ...details };
    expect(await openFile(world, token, wanted)).toMatchObject({ error: { code } });
  });

  test("files count against the tenant's daily byte quota", async () => {
    const { token } = await invited(world);
    const deps = { ...world, limits: { ...world.limits, bytesPerDay: 1024 } };
    expect(await openFile(deps, token, declared(pdf(), 'crc64nvme'))).toMatchObject({
      error: { code: 'quota_exceeded', limit: 'upload_bytes' },
    });
  });

  test("the holder of one link cannot use up the inviter's daily byte quota", async () => {
    const { link, token } = await invited(world, { mostFiles: 1, mostBytes: MIB });
    const file = pdf('a large one', link.mostBytes);
    for (const name of ['one.pdf', 'two.pdf', 'three.pdf']) {
      const { uploadId } = await openedFile(world, token, file, name);
      value(await removeFile(world, { token, uploadId }));
    }
    const fourth = { ...declared(file, 'crc64nvme'), fileName: 'four.pdf' };
    expect(await openFile(world, token, fourth)).toMatchObject({
      error: { code: 'quota_exceeded', limit: 'upload_bytes' },
    });
    expect(world.quota.countOf('upload-bytes/')).toBe(3 * link.mostBytes);
  });

  test('the holder of one link cannot open an unlimited number of small files', async () => {
    const { token } = await invited(world, { mostFiles: 1, mostBytes: MIB });
    const small = (name: number) => ({ ...declared(pdf('small', 1), 'crc64nvme'), fileName: `${name}.pdf` });
    for (let name = 0; name < 30; name += 1) {
      const { uploadId } = value(await openFile(world, token, small(name)));
      value(await removeFile(world, { token, uploadId }));
    }
    expect(await openFile(world, token, small(30))).toMatchObject({ error: { code: 'quota_exceeded' } });
    expect(world.quota.countOf('upload-bytes/')).toBe(30);
  });

  test('a download token with the ID of an upload link is refused like an unknown token, and so is the token of a removed link', async () => {
    const { link, token } = await invited(world);
    const key = world.keys.derive(link.keyEpoch);
    const download = signToken(claimsOf(link), key);
    const refused = { ok: false, error: { code: 'invalid_token' } };
    expect(await filesOfLink(world, download)).toEqual(refused);
    expect(await filesOfLink(world, download.replace('tvm_', 'tvu_'))).toEqual(refused);
    expect(await filesOfLink(world, `tvu_${newLinkId()}`)).toEqual(refused);
    world.links.rows.clear();
    expect(await filesOfLink(world, token)).toEqual(refused);
  });
});

describe('continuing an upload link', () => {
  test('the page gets the numbers of the parts that S3 already has', async () => {
    const { token } = await invited(world);
    const size = 80 * MIB;
    const upload = await openedFile(world, token, pdf('a film', size));
    const { parts } = value(
      await signFileParts(world, { token, uploadId: upload.uploadId, partNumbers: [1, 2, 3, 5] }),
    );
    for (const part of parts) world.quarantine.send(part, pdf('a film', size));
    const { files } = value(await filesOfLink(world, token));
    expect(files.map(({ storedParts }) => storedParts)).toEqual([
      [
        [1, 3],
        [5, 5],
      ],
    ]);
  });

  test('a file of another link is not found', async () => {
    const one = await invited(world);
    const other = await invited(world);
    const { uploadId } = await openedFile(world, one.token);
    const missing = { ok: false, error: { code: 'not_found' } };
    const request = { token: other.token, uploadId };
    expect(await signFileParts(world, { ...request, partNumbers: [1] })).toEqual(missing);
    expect(await finalizeFile(world, request)).toEqual(missing);
    expect(await removeFile(world, request)).toEqual(missing);
  });
});

describe('removing a file', () => {
  test("the file's upload is cancelled, its place is freed, and repeating the request changes nothing", async () => {
    const { link, token } = await invited(world, { mostFiles: 1 });
    const { uploadId } = await sentFile(world, token);
    value(await removeFile(world, { token, uploadId }));
    expect(stateOfFile(world, uploadId)).toBe('expired');
    value(await removeFile(world, { token, uploadId }));
    await openedFile(world, token);
    expect(linkRow(world, link).files).toHaveLength(1);
  });

  test('a published file cannot be removed', async () => {
    const { token } = await invited(world);
    const { uploadId } = await sentFile(world, token);
    const [version] = world.quarantine.versionsOf(uploadId);
    if (version === undefined) throw new Error('S3 has no version');
    await scanned(world, version, 'NO_THREATS_FOUND');
    expect(await removeFile(world, { token, uploadId })).toMatchObject({
      error: { code: 'already_published' },
    });
  });

  test('a file that is published while it is being removed stays, with its place in the link', async () => {
    const { link, token } = await invited(world);
    const { uploadId } = await sentFile(world, token);
    const [version] = world.quarantine.versionsOf(uploadId);
    if (version === undefined) throw new Error('S3 has no version');
    const links = intercept(world.links, async ({ method, proceed }) => {
      if (method === 'change') await scanned(world, version, 'NO_THREATS_FOUND');
      return await proceed();
    });
    expect(await removeFile({ ...world, links }, { token, uploadId })).toMatchObject({
      error: { code: 'already_published' },
    });
    expect(stateOfFile(world, uploadId)).toBe('published');
    value(await finishLink(world, token));
    expect(linkRow(world, link)).toMatchObject({ state: 'finished', files: [{ uploadId }] });
  });

  test.each<[string, (token: string, linkId: LinkId) => Promise<unknown>]>([
    ['another file takes the last place', (token) => openedFile(world, token, pdf(), 'other.pdf')],
    ['the same file is opened again', (token) => openedFile(world, token)],
    ['the link is revoked', (_token, linkId) => revokeLink(world, linkId, TENANT)],
  ])('a file that is published while it is being removed gets no place back if %s', async (what, act) => {
    const { link, token } = await invited(world, { mostFiles: what.includes('last') ? 1 : 2 });
    const { uploadId } = await sentFile(world, token);
    const [version] = world.quarantine.versionsOf(uploadId);
    if (version === undefined) throw new Error('S3 has no version');
    let freed = false;
    const links = intercept(world.links, async ({ method, proceed }) => {
      const result = await proceed();
      if (method !== 'change' || freed) return result;
      freed = true;
      await act(token, link.linkId);
      await scanned(world, version, 'NO_THREATS_FOUND');
      return result;
    });
    expect(await removeFile({ ...world, links }, { token, uploadId })).toMatchObject({
      error: { code: 'already_published' },
    });
    expect(linkRow(world, link).files.map((file) => file.uploadId)).not.toContain(uploadId);
  });
});

describe('sending a file with a form', () => {
  const opened = (token: string, fileName = 'report.pdf') =>
    openForm(world, token, { fileName, typeOf: typeByName, returnTo: 'https://page.test' });

  test('finishing checks the file, and takes its size and checksum from S3', async () => {
    const { token } = await invited(world);
    const { upload, form } = value(await opened(token));
    expect(form?.fields).toMatchObject({
      key: upload.uploadId,
      success_action_redirect: 'https://page.test',
    });
    world.quarantine.post(upload.uploadId, pdf('a report', 2048));
    value(await finishLink(world, token));
    const row = world.uploads.rows.get(upload.uploadId);
    expect(row).toMatchObject({ state: 'finalized', size: 2048, checksum: { kind: 'form' } });
    expect(row?.checksum.base64).not.toBe('');
  });

  test('an upload whose form was never sent is cancelled and does not keep the link from being finished', async () => {
    const { token } = await invited(world);
    const { upload } = value(await opened(token));
    await sentFile(world, token, pdf(), 'other.pdf');
    value(await finishLink(world, token));
    expect(stateOfFile(world, upload.uploadId)).toBe('expired');
  });

  test('a file that is larger than the link allows is rejected', async () => {
    const { token } = await invited(world, { mostBytes: 1024 });
    const { upload } = value(await opened(token));
    world.quarantine.post(upload.uploadId, pdf('a report', 1025));
    const { uploadId } = upload;
    expect(value(await finalizeFile(world, { token, uploadId }))).toMatchObject({
      state: 'rejected',
      reason: 'size_mismatch',
    });
  });

  test('a rejected file can be followed by another one with the same name', async () => {
    const { token } = await invited(world, { mostFiles: 1 });
    const { upload } = value(await opened(token));
    world.quarantine.post(upload.uploadId, { text: '<html>', size: 6 });
    value(await finalizeFile(world, { token, uploadId: upload.uploadId }));
    const second = value(await opened(token));
    expect(second.upload.uploadId).not.toBe(upload.uploadId);
    expect(second.form).toBeDefined();
  });

  test('a file name with an extension that the link does not allow is refused', async () => {
    const { token } = await invited(world);
    expect(await opened(token, 'page.html')).toMatchObject({ error: { code: 'type_not_allowed' } });
  });
});
