import { basename } from 'node:path';
import mime from 'mime';
import { openLocalFile } from '../files/local-file.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { confirmLink } from '../tvm/confirm-link.ts';
import { sizeText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { withProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';
import { awaitVerdict, isWaiting } from '../uploads/await-verdict.ts';
import { declareFile } from '../uploads/declare-file.ts';
import type { Upload } from '../uploads/upload.ts';
import { uploadFile } from '../uploads/upload-file.ts';
import { uploadsApi } from '../uploads/uploads-api.ts';

interface UploadOptions {
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  readonly followLinks?: true | undefined;
  readonly wait: boolean;
}

/** `tvm upload` uploads a file. `--json` prints an {@link Upload} and the number of bytes that this run sent. */
export const upload: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Uploads a file, waits up to ten minutes for the malware scan, and prints the ID of the object. If the command is stopped, running it again sends only what is missing. Exits with 1 if the file is rejected, with 5 if the scan has not finished, and with 6 if an operator has to decide.',
    )
    .argument('<file>', 'a file on this computer')
    .option('--name <name>', 'file name for downloads (default: the name of the file)')
    .option('--type <type>', 'media type, such as application/pdf (default: derived from the name)')
    .option('--follow-links', 'follow symbolic links without asking')
    .option('--no-wait', 'do not wait for the malware scan')
    .action((path, options) => run((session) => sendIn(session, path, options)));
  addExamples(defined, [
    ['npx tvm upload contract.pdf', 'Upload a file; run the command again to resume'],
    ['npx tvm issue --object "$(npx tvm upload contract.pdf)"', 'Upload a file, and issue a link for it'],
    ['npx tvm upload video.mp4 --no-wait --json | jq -r .uploadId', 'Without waiting, for a script'],
  ]);
};

/**
 * Uploads a file, and prints the result.
 *
 * @throws CommandFailure if the file is empty, if the upload is rejected, expired, or parked, if the scan does not
 * finish in time, or if the command is stopped
 */
async function sendIn(session: Session, path: string, options: UploadOptions): Promise<void> {
  const { io, output, signal } = session;
  const { followLinks } = options;
  const file = await openLocalFile(path, (target) =>
    confirmLink(io, 'Upload', { path, target }, followLinks),
  );
  try {
    if (file.size === 0) throw new CommandFailure('usage', `${path} is empty.`);
    const api = uploadsApi(await session.connect(), io);
    const { name: fileName = basename(path) } = options;
    const { type = mime.getType(fileName) ?? 'application/octet-stream' } = options;
    const declared = await withProgress(io, `Reading ${path}`, file.size, (advance) =>
      declareFile(file, { fileName, type }, { advance, signal }),
    );
    const { upload: checked, sent } = await uploadFile(api, file, declared, io, (send) =>
      withProgress(io, `Uploading ${fileName}`, file.size, send),
    );
    if (options.wait && isWaiting(checked)) output.aside('Waiting for the malware scan.');
    const reached = options.wait ? await awaitVerdict(api, checked, io) : checked;
    printResult(session, reached, sent, options);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CommandFailure('interrupted', 'Stopped.', 'Run the same command again to continue from there.');
  } finally {
    await file.handle.close();
  }
}

function printResult(
  session: Session,
  upload: Upload,
  sent: number,
  { wait }: Pick<UploadOptions, 'wait'>,
): void {
  const { output, self } = session;
  const { fileName, size, type, state, objectId, uploadId } = upload;
  const failure = failureOfUpload(upload, self);
  if (output.format === 'json') output.json({ ...upload, sent });
  else if (failure?.ending !== 'no') output.line(objectId);
  if (failure !== undefined && (wait || failure.ending !== 'pending')) throw failure;
  const before = sent === 0 ? ' It had already been uploaded, so nothing was sent.' : '';
  output.aside(`${fileName} is ${state}: ${sizeText(size)}, ${type}.${before}`);
  output.aside(
    state === 'published'
      ? `Issue a link for it with: ${self} issue --object ${objectId}`
      : `See its state with: ${self} uploads show ${uploadId}`,
  );
}

const AGAIN = 'To keep waiting, run the same command again. It does not send the file again.';

/** Returns a failure that explains why an upload is not published, or `undefined` if it is. */
function failureOfUpload(
  { state, reason, uploadId, type }: Upload,
  self: string,
): CommandFailure | undefined {
  switch (state) {
    case 'published':
      return undefined;
    case 'rejected':
    case 'expired':
      return new CommandFailure('no', `The upload is ${state} (${reason}).`, ADVICE[reason ?? '']?.(type));
    case 'parked':
      return new CommandFailure(
        'parked',
        `The malware scan could not judge the file (${reason}), so an operator has to decide.`,
        `Operators can run: ${self} uploads release ${uploadId} (or reject, or rescan).`,
      );
    default:
      return new CommandFailure('pending', 'The malware scan has not finished yet.', AGAIN);
  }
}

/** Advice for an upload that was rejected or has expired, by reason. */
const ADVICE: Readonly<Record<string, (type: string) => string>> = {
  malware: () => 'The malware scan found a threat. The uploaded file will be deleted.',
  type_mismatch: (type) => `The file does not look like ${type}. Specify its actual type with --type.`,
  operator: () => 'An operator rejected the file. Sending it again will not change that.',
  size_mismatch: () => 'Run the same command again.',
  checksum_mismatch: () => 'Run the same command again.',
  cancelled: () => 'Run the same command again to open another session.',
  timed_out: () => 'Run the same command again to open another session.',
};
