import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { type AssetName, isPrivate, keyOf, parseAssetName, timestamp } from '../../lambda/operator.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { momentText, sizeText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';
import type { Column } from '../tvm/table.ts';

/** An offered file. `--json` prints an array of these. */
interface OfferedFile {
  readonly asset: string;
  /** Anyone can request a `public` file through the form. A `private` file can be opened only with an API link. */
  readonly access: 'public' | 'private';
  readonly size: number;
  readonly modified: string;
  readonly storageClass: string;
}

const PREFIXES = ['gated/', 'private/'] as const;

const COLUMNS: readonly Column<OfferedFile>[] = [
  { title: 'ASSET', of: ({ asset }) => asset, shrink: 'shorten' },
  { title: 'ACCESS', of: ({ access }) => access },
  { title: 'SIZE', of: ({ size }) => sizeText(size), plain: ({ size }) => String(size), align: 'right' },
  {
    title: 'MODIFIED',
    of: ({ modified }) => momentText(new Date(modified)),
    plain: ({ modified }) => modified,
  },
  { title: 'CLASS', of: ({ storageClass }) => storageClass },
];

/** `tvm assets` lists the offered files. */
export const assets: DefineCommand = (command, run) => {
  const defined = command
    .description('Lists the name, access, size, modification time, and storage class of each offered file.')
    .option('--prefix <text>', 'only files whose names start with this')
    .action(({ prefix = '' }) => run((session) => listAssets(session, prefix)));
  addExamples(defined, [
    ['npx tvm assets', 'All offered files'],
    ['npx tvm assets --prefix private/', 'Only private files'],
    ['npx tvm assets --json | jq -r ".[].asset"', 'Only the names, for a script'],
  ]);
};

async function listAssets({ connect, output, signal }: Session, prefix: string): Promise<void> {
  const { deployment, settings } = await connect();
  const client = new S3Client(settings('s3'));
  const files: OfferedFile[] = [];
  const invalidKeys: string[] = [];
  for (const Prefix of PREFIXES) {
    const pages = paginateListObjectsV2(
      { client },
      { Bucket: deployment.bucket, Prefix },
      { abortSignal: signal },
    );
    for await (const { Contents = [] } of pages) {
      for (const { Key = '', Size = 0, LastModified = new Date(0), StorageClass = 'STANDARD' } of Contents) {
        const name = nameOf(Key);
        if (name === undefined) invalidKeys.push(Key);
        else if (name.startsWith(prefix)) {
          const access = isPrivate(name) ? 'private' : 'public';
          const modified = timestamp(LastModified.getTime() / 1000);
          files.push({ asset: name, access, size: Size, modified, storageClass: StorageClass });
        }
      }
    }
  }
  client.destroy();
  if (output.format === 'json') output.json(files);
  else output.table(COLUMNS, files);
  if (files.length === 0)
    output.aside(
      prefix === '' ? 'No files are offered.' : `No offered file has a name that starts with ${prefix}.`,
    );
  for (const key of invalidKeys)
    output.warn(`${key} is not a valid file name, so no link can be issued for it.`);
}

/** Returns the name of the file at a key, or `undefined` if the name is not valid. */
function nameOf(key: string): AssetName | undefined {
  const name = parseAssetName(key.startsWith('gated/') ? key.slice('gated/'.length) : key);
  return name !== undefined && keyOf(name) === key ? name : undefined;
}
