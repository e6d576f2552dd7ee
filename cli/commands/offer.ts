import { S3Client, type StorageClass } from '@aws-sdk/client-s3';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import mime from 'mime';
import { type AssetName, isPrivate, keyOf } from '../../lambda/operator.ts';
import { type LocalFile, openLocalFile } from '../files/local-file.ts';
import { digestFile, type FileDigest } from '../offer/file-digest.ts';
import { type Naming, nameToOffer } from '../offer/name-to-offer.ts';
import { planStep, type Step, type Wanted } from '../offer/plan.ts';
import { upload } from '../offer/upload.ts';
import { abortStaleUploads } from '../offer/upload-in-parts.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { confirmLink } from '../tvm/confirm-link.ts';
import type { Connection } from '../tvm/connection.ts';
import { sizeText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { withProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';
import { shellWord } from '../tvm/shell-word.ts';

/** A file that is offered now. `--json` prints an array of these. */
interface Offered {
  readonly asset: AssetName;
  /** `unchanged` if the same bytes were already offered, with the same type and storage class. */
  readonly result: 'offered' | 'replaced' | 'unchanged';
  readonly access: 'public' | 'private';
  readonly size: number;
  readonly type: string;
  readonly storageClass: StorageClass;
  readonly versionId?: string;
  /** Hexadecimal. Absent if S3 knows only the checksums of parts. */
  readonly sha256?: string;
  /** The address where people can request the file. Absent for private files. */
  readonly form?: string;
}

interface OfferOptions {
  readonly as?: string | undefined;
  readonly private?: true | undefined;
  readonly followLinks?: true | undefined;
  readonly storageClass: StorageClass;
}

/** The storage classes whose objects can be read immediately (Amazon S3 User Guide, "Amazon S3 storage classes"). */
const READABLE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
] as const satisfies readonly StorageClass[];

const ARCHIVE_CLASSES: ReadonlySet<string> = new Set<StorageClass>(['GLACIER', 'DEEP_ARCHIVE']);

/** `tvm offer` offers files. */
export const offer: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Uploads files and offers them, and checks that S3 has exactly the bytes that were read. For a public file, prints the address where people can request it. For a private file, prints the command that issues links for it.',
    )
    .argument('<file...>', 'files on this computer')
    .option('--as <name>', 'name to offer the file under, or a folder if it ends with a slash')
    .option('--private', 'offer it only through issued links, not on the public form')
    .option('--follow-links', 'follow symbolic links without asking')
    .option(
      '--storage-class <class>',
      `${READABLE_CLASSES.join(', ')}; archived files cannot be downloaded`,
      readStorageClass,
      'STANDARD' as StorageClass,
    )
    .action((files, options) => run((session) => offerFiles(session, files, options)));
  addExamples(defined, [
    ['npx tvm offer report.pdf', 'Offer a file under its own name'],
    ['npx tvm offer q3-final.pdf --as 2026/report.pdf', 'Under another name'],
    ['npx tvm offer *.pdf --as 2026/', 'Several files in a folder'],
    ['npx tvm offer contract.pdf --private', 'Only through links from "tvm issue"'],
  ]);
};

async function offerFiles(session: Session, paths: readonly string[], options: OfferOptions): Promise<void> {
  const { as, storageClass, followLinks } = options;
  const naming: Naming = { as, access: options.private === true ? 'private' : 'public' };
  if (paths.length > 1 && as !== undefined && !as.endsWith('/')) {
    throw new CommandFailure(
      'usage',
      '--as gives several files the same name.',
      'To offer them in a folder, end the name with a slash.',
    );
  }
  const names = paths.map((path) => ({ path, asset: nameToOffer(path, naming) }));
  const twice = names.find(({ asset }, at) => names.findIndex((one) => one.asset === asset) !== at);
  if (twice !== undefined)
    throw new CommandFailure('usage', `Two of these files would be offered as ${twice.asset}.`);
  const files: LocalFile[] = [];
  try {
    for (const { path } of names) {
      files.push(
        await openLocalFile(path, (target) =>
          confirmLink(session.io, 'Offer', { path, target }, followLinks),
        ),
      );
    }
    const connection = await session.connect();
    const wanted = files.map((file): Wanted => {
      const asset = nameToOffer(file.path, naming);
      const ContentType = mime.getType(asset) ?? 'application/octet-stream';
      const { bucket: Bucket } = connection.deployment;
      return { asset, file, target: { Bucket, Key: keyOf(asset), ContentType, StorageClass: storageClass } };
    });
    await offerAll(session, connection, wanted);
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}

async function offerAll(session: Session, connection: Connection, wanted: readonly Wanted[]): Promise<void> {
  const { output, signal } = session;
  const client = new S3Client(connection.settings('s3'));
  try {
    const steps: Step[] = [];
    for (const one of wanted) {
      steps.push(await planStep(client, one, (file) => takeDigest(session, file), signal));
    }
    await confirmReplacing(session, steps);
    const offered: Offered[] = [];
    for (const step of steps) {
      const done = await perform(session, client, step);
      const one = describe(step, done, connection);
      offered.push(one);
      if (output.format !== 'json') printOffered(session, one);
    }
    if (output.format === 'json') output.json(offered);
  } finally {
    client.destroy();
  }
}

async function confirmReplacing(session: Session, steps: readonly Step[]): Promise<void> {
  const replaced = steps.filter(({ kind }) => kind === 'replace').map(({ asset }) => asset);
  if (replaced.length === 0) return;
  session.output.note(`Already offered with different content: ${replaced.join(', ')}`);
  await session.confirm(
    'Replace what is offered? Links from "tvm issue" for the current version will stop working.',
  );
}

interface Performed {
  readonly digest: FileDigest;
  readonly versionId: string | undefined;
}

async function perform(session: Session, client: S3Client, step: Step): Promise<Performed> {
  if (step.kind === 'unchanged') return step;
  const { file, target } = step;
  const { signal, output } = session;
  const stale = await abortStaleUploads(client, target, signal);
  if (stale > 0) output.aside(`Removed unfinished uploads from an earlier run: ${stale}.`);
  const known = step.kind === 'replace' ? step.digest : undefined;
  const digest = known ?? (await takeDigest(session, file));
  return withProgress(session.io, `Uploading ${step.asset}`, file.size, async (advance) => {
    return { digest, versionId: await upload(client, target, file, digest, { signal, advance }) };
  });
}

const takeDigest = (session: Session, file: LocalFile): Promise<FileDigest> =>
  withProgress(session.io, `Reading ${file.path}`, file.size, (advance) =>
    digestFile(file.handle, file.size, { advance, signal: session.signal }),
  );

function describe(step: Step, { digest, versionId }: Performed, { deployment }: Connection): Offered {
  const { asset, file, target } = step;
  const access = isPrivate(asset) ? 'private' : 'public';
  return {
    asset,
    result: step.kind === 'new' ? 'offered' : step.kind === 'replace' ? 'replaced' : 'unchanged',
    access,
    size: file.size,
    type: target.ContentType,
    storageClass: target.StorageClass,
    ...(versionId !== undefined && { versionId }),
    ...(digest.kind === 'whole' && { sha256: digest.sha256.toString('hex') }),
    ...(access === 'public' && { form: `${deployment.apiUrl}/?asset=${queryValue(asset)}` }),
  };
}

/** Encodes a query value, including characters that a shell or a mail program would misread. */
const queryValue = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const OUTCOMES = {
  offered: 'is now offered',
  replaced: 'was replaced',
  unchanged: 'is already offered',
} as const;

/** Prints the address of a public file, or the command that issues a link for a private one. */
function printOffered({ output, self }: Session, { asset, result, size, type, form }: Offered): void {
  output.aside(
    `${asset} ${OUTCOMES[result]}: ${sizeText(size)}, ${type}. ${form === undefined ? 'Issue a link for it with:' : 'People can request it at:'}`,
  );
  output.line(form ?? `${self} issue ${shellWord(asset)}`);
}

/**
 * Parses a storage class.
 *
 * @throws InvalidArgumentError if the class is unknown, or its files must be restored before they can be read
 */
function readStorageClass(text: string): StorageClass {
  const name = text.toUpperCase();
  const known = READABLE_CLASSES.find((one) => one === name);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(
    ARCHIVE_CLASSES.has(name)
      ? 'Restoring an archived file takes hours, so its links could not be redeemed. Files in GLACIER_IR can be read immediately.'
      : `Choose one of ${READABLE_CLASSES.join(', ')}.`,
  );
}
