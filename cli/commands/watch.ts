import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { readTokenId } from '../links/token-id.ts';
import { readAssetName } from '../offer/name-to-offer.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { parseLifetime } from '../tvm/duration.ts';
import { addExamples } from '../tvm/help.ts';
import type { Output } from '../tvm/output.ts';
import type { Session } from '../tvm/session.ts';
import type { Column } from '../tvm/table.ts';
import { readUploadId } from '../uploads/upload.ts';
import { type Entry, LINK_EVENTS, UPLOAD_EVENTS, withoutAddresses } from '../watch/entry.ts';
import { openFeeds } from '../watch/open-feeds.ts';

/** Milliseconds between reads of a shard. All readers of a shard share a limit of five reads a second. */
const POLL_MS = 500;

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'AT', of: ({ at }) => at },
  { title: 'EVENT', of: ({ event }) => event },
  { title: 'ID', of: ({ tokenId, uploadId = '' }) => tokenId ?? uploadId },
  { title: 'ASSET', of: ({ asset = '' }) => asset },
  { title: 'BY', of: ({ by = '' }) => by },
  { title: 'TENANT', of: ({ tenant = '' }) => tenant },
  { title: 'UPLOAD LINK', of: ({ linkId = '' }) => linkId },
  { title: 'DETAIL', of: (entry) => detailOf(entry) },
];

interface WatchOptions {
  readonly since?: number | undefined;
  readonly event?: readonly string[] | undefined;
  readonly asset?: string | undefined;
  readonly link?: string | undefined;
  readonly upload?: string | undefined;
  readonly tenant?: string | undefined;
}

/** `tvm watch` prints the events of links and uploads until it is stopped. `--json` prints one object per line. */
export const watch: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Prints the events of links and uploads as they occur, until you press Ctrl-C: who did what, and when. It prints no addresses, tokens, or URLs. Requires the deploy option "events".',
    )
    .option('--since <time>', 'also print earlier events, for example from the last 15m; at most 1d', since)
    .addOption(
      new Option('--event <event...>', 'only these events, such as redeemed or published').choices([
        ...LINK_EVENTS,
        ...UPLOAD_EVENTS,
      ]),
    )
    .option('--asset <name>', 'only links for this file')
    .option('--link <id>', 'only this link, or uploads through this upload link')
    .option('--upload <id>', 'only this upload')
    .option('--tenant <tenant>', 'only uploads of this tenant')
    .action((options) => run((session) => follow(session, options)));
  addExamples(defined, [
    ['npx tvm watch', 'Everything from now on'],
    [
      'npx tvm watch --since 1h --event redeemed mail-failed',
      'Only two kinds of events, starting an hour ago',
    ],
    ['npx tvm watch --json | jq -r .event', 'Only the names of events, for a script'],
  ]);
};

/** Parses the value of `--since`. The limit is one day, because streams keep their records for only a day. */
function since(text: string): number {
  const seconds = parseLifetime(text, { min: 1, max: 86_400 });
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError('Use a time up to 1d, such as 30s, 15m, or 2h.');
}

async function follow(session: Session, options: WatchOptions): Promise<void> {
  const { connect, io, output, signal } = session;
  const isWanted = filterOf(options);
  const { deployment, settings } = await connect();
  const dynamodb = new DynamoDBClient(settings('dynamodb'));
  const streams = new DynamoDBStreamsClient(settings('dynamodb'));
  const from = options.since === undefined ? 0 : io.now().getTime() - options.since * 1000;
  try {
    const start = options.since === undefined ? 'LATEST' : 'TRIM_HORIZON';
    const wait = () => io.wait(POLL_MS, signal);
    const feeds = await openFeeds(deployment, { dynamodb, streams, start, signal, wait });
    output.aside('Watching. Press Ctrl-C to stop.');
    for (;;) {
      const entries = await Promise.all(
        feeds.map(async ({ stream, entryOf }) =>
          (await stream.read()).map(entryOf).filter((entry) => entry !== undefined),
        ),
      );
      for (const entry of entries.flat().sort((left, right) => left.at.localeCompare(right.at)))
        if (Date.parse(entry.at) >= from && isWanted(entry)) print(withoutAddresses(entry), output);
      await wait();
    }
  } catch (error) {
    // Ctrl-C is the normal way to end this command, so it is not an error.
    if (!signal.aborted) throw error;
  } finally {
    dynamodb.destroy();
    streams.destroy();
  }
}

function filterOf({ event, asset, link, upload, tenant }: WatchOptions): (entry: Entry) => boolean {
  const isUploadLink = link !== undefined && /^e[0-9a-f]{31}$/.test(link);
  const wanted: Partial<Entry> = {
    ...(asset !== undefined && { asset: readAssetName(asset) }),
    ...(link !== undefined && (isUploadLink ? { linkId: link } : { tokenId: readTokenId(link) })),
    ...(upload !== undefined && { uploadId: readUploadId(upload) }),
    ...(tenant !== undefined && { tenant }),
  };
  const members = Object.entries(wanted) as [keyof Entry, string][];
  return (entry) =>
    (event?.includes(entry.event) ?? true) && members.every(([name, value]) => entry[name] === value);
}

function print(entry: Entry, output: Output): void {
  if (output.format === 'json') output.jsonLine(entry);
  else if (output.format === 'plain') output.table(COLUMNS, [entry]);
  else output.line(lineOf(entry));
}

/** Formats an entry for people. There are no columns, because their widths would depend on later entries. */
function lineOf(entry: Entry): string {
  const { at, event, tokenId, uploadId = '', asset, by, tenant, linkId } = entry;
  const more = [asset, by && `by ${by}`, tenant && `of ${tenant}`, linkId && `through ${linkId}`];
  const words = [...more, detailOf(entry)].filter((word) => word !== undefined && word !== '');
  const time = `${at.slice(0, 19).replace('T', ' ')}Z`;
  return [time, event.padEnd(13), tokenId ?? uploadId, ...words].join('  ');
}

function detailOf({ result, reason, bounce, bytes }: Entry): string {
  const details = [result, reason, bounce, bytes === undefined ? undefined : `${bytes} bytes`];
  // The reason often repeats the verdict, so print each detail only once.
  return [...new Set(details)].filter((detail) => detail !== undefined).join(' ');
}
