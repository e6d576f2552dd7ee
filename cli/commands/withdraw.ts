import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type AssetName, keyOf } from '../../lambda/operator.ts';
import { readAssetName } from '../offer/name-to-offer.ts';
import { headObject } from '../offer/plan.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';
import { shellWord } from '../tvm/shell-word.ts';
import type { Column } from '../tvm/table.ts';

/** The result for one file. `--json` prints an array of these. */
interface Withdrawn {
  readonly asset: AssetName;
  readonly result: 'withdrawn' | 'not-offered';
}

const COLUMNS: readonly Column<Withdrawn>[] = [
  { title: 'ASSET', of: ({ asset }) => asset, shrink: 'shorten' },
  { title: 'RESULT', of: ({ result }) => result.replaceAll('-', ' '), plain: ({ result }) => result },
];

/** `tvm withdraw` withdraws files. */
export const withdraw: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Withdraws offered files, so that their links can no longer be redeemed. Earlier versions stay in the bucket until its lifecycle rules remove them. This does not revoke any links: if you offer a file again, its form links work again.',
    )
    .argument('<name...>', 'names of offered files')
    .action((names) => run((session) => withdrawFiles(session, names.map(readAssetName))));
  addExamples(defined, [
    ['npx tvm withdraw report.pdf', 'Withdraw a file, after you confirm'],
    ['npx tvm revoke --asset report.pdf', 'Revoke its links'],
  ]);
};

async function withdrawFiles(session: Session, names: readonly AssetName[]): Promise<Ending> {
  const { output, signal } = session;
  const { deployment, settings } = await session.connect();
  const client = new S3Client(settings('s3'));
  const Bucket = deployment.bucket;
  try {
    const results: Withdrawn[] = [];
    for (const asset of new Set(names)) {
      const found = await headObject(client, { Bucket, Key: keyOf(asset) }, signal);
      results.push({ asset, result: found === undefined ? 'not-offered' : 'withdrawn' });
    }
    const going = results.filter(({ result }) => result === 'withdrawn').map(({ asset }) => asset);
    if (going.length > 0) {
      const whose = going.length === 1 ? 'its' : 'their';
      await session.confirm(
        `Withdraw ${going.join(', ')}? After that, ${whose} links can no longer be redeemed.`,
      );
    }
    for (const asset of going) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(asset) }), { abortSignal: signal });
    }
    if (output.format === 'json') output.json(results);
    else output.table(COLUMNS, results);
    for (const asset of going) {
      output.aside(
        `Links for ${asset} remain until they expire. To revoke them: ${session.self} revoke --asset ${shellWord(asset)}`,
      );
    }
    return going.length === results.length ? 'done' : 'notFound';
  } finally {
    client.destroy();
  }
}
