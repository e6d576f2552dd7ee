import { readAssetName } from '../offer/name-to-offer.ts';
import { remindList } from '../recipients/remind-list.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { addExamples } from '../tvm/help.ts';
import { lifetimeWithin, wholeNumber } from '../tvm/option-values.ts';

const DAY = 86_400;

/** `tvm remind` mails the link again to each recipient on a list who has not redeemed it. */
export const remind: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Mails the link again to everyone on a list who has not redeemed it, after you confirm. The link and its expiry stay the same. Nobody is reminded more than once a day, or after a complaint.',
    )
    .argument('<name>', 'name of the offered file')
    .requiredOption('--to-list <file>', 'the CSV file that was given to "tvm issue"')
    .option('--list <name>', 'the name of the list (default: the name of the CSV file)')
    .option(
      '--after <time>',
      'minimum time since the last e-mail (default and minimum: 1d)',
      lifetimeWithin({ min: DAY, max: 400 * DAY }),
    )
    .option('--rate <number>', 'e-mails per second (default: what SES allows)', wholeNumber(1, 1000))
    .option('--dry-run', 'only print how many would be reminded')
    .action((name, options) =>
      run(async (session) => {
        const { after = DAY } = options;
        await remindList(session, readAssetName(name), { ...options, after });
      }),
    );
  addExamples(defined, [
    ['npx tvm remind report.pdf --to-list recipients.csv --dry-run', 'How many would be reminded'],
    [
      'npx tvm remind report.pdf --to-list recipients.csv --after 3d',
      'Only recipients who were last mailed three days ago or earlier',
    ],
  ]);
};
