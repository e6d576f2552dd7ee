import { Option } from '@commander-js/extra-typings';
import { readLeads } from '../export/read-leads.ts';
import { readWindow } from '../export/window.ts';
import { EXPORT_FORMATS, type ExportFormat, writeLeads } from '../export/write-leads.ts';
import { readAssetName } from '../offer/name-to-offer.ts';
import { withTables } from '../tables/with-tables.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { escapeControls } from '../tvm/escape-controls.ts';
import { countText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';

interface ExportOptions {
  readonly asset?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly format?: ExportFormat | undefined;
}

/** `tvm export` writes one row for each link. */
export const exportLeads: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Writes one row for each link, oldest first: what was issued, to whom, and what happened to it. --from and --to are days in UTC, both inclusive.',
    )
    .option('--asset <name>', 'only links for this file')
    .option('--from <day>', 'only links issued on or after this day, for example 2026-11-01')
    .option('--to <day>', 'only links issued on or before this day, for example 2026-11-30')
    .addOption(
      new Option('--format <format>', 'csv, or jsonl: one JSON object per line').choices(EXPORT_FORMATS),
    )
    .action((options) => run((session) => writeExport(session, options)));
  addExamples(defined, [
    ['npx tvm export > leads.csv', 'Everything, for a spreadsheet'],
    ['npx tvm export --from 2026-11-01 --to 2026-11-30', 'Links issued in November'],
    ['npx tvm export --asset report.pdf --json', 'Links for one file, one JSON object per line'],
  ]);
};

async function writeExport({ io, globals, output, signal, connect }: Session, options: ExportOptions) {
  const now = io.now();
  const window = readWindow(options, now);
  if (!window.ok) throw new CommandFailure('usage', window.error);
  const asset = options.asset === undefined ? undefined : readAssetName(options.asset);
  const { format = globals.json === true ? 'jsonl' : 'csv' } = options;
  let rows = 0;
  await withTables(await connect(), signal, async (tables) => {
    const leads = readLeads(tables, { window: window.value, asset, now });
    await writeLeads(
      counted(leads, () => (rows += 1)),
      format,
      {
        out: io.stdout,
        clean: io.stdout.isTTY === true ? escapeControls : (text) => text,
        signal,
      },
    );
  });
  output.aside(`${countText(rows, 'link')}.`);
}

async function* counted<Item>(items: AsyncIterable<Item>, count: () => void): AsyncGenerator<Item, void> {
  for await (const item of items) {
    count();
    yield item;
  }
}
