import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { LIFETIME, parseCidr } from '../../lambda/operator.ts';
import { IssuedLinks } from '../links/link.ts';
import { readAssetName } from '../offer/name-to-offer.ts';
import type { ListTerms } from '../recipients/issue-to-list.ts';
import { failureOfProblem } from '../tvm/api.ts';
import { callNamed, type NamedCall } from '../tvm/call-named.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Connection } from '../tvm/connection.ts';
import { momentText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { lifetimeWithin, wholeNumber } from '../tvm/option-values.ts';
import type { Session } from '../tvm/session.ts';
import { understood } from '../tvm/understood.ts';
import { readObjectId } from '../uploads/upload.ts';

interface IssueOptions {
  readonly object?: string | undefined;
  readonly to?: string | undefined;
  readonly toList?: string | undefined;
  readonly list?: string | undefined;
  readonly rate?: number | undefined;
  readonly dryRun?: true | undefined;
  readonly report?: true | undefined;
  readonly expires?: number | undefined;
  readonly open?: 'confirm' | 'direct' | undefined;
  readonly delivery?: 'redirect' | 'stream' | 'proxy' | 'zip' | undefined;
  readonly watermark?: true | undefined;
  readonly watermarkName?: string | undefined;
  readonly secondChance?: boolean | undefined;
  readonly presenceCode?: true | undefined;
  readonly cidr?: readonly string[] | undefined;
  readonly count?: number | undefined;
  readonly note?: string | undefined;
  readonly notify?: string | undefined;
  readonly reveal: boolean;
  readonly idempotencyKey?: string | undefined;
}

type IssueCall = NamedCall & { readonly body: object };

/** `tvm issue` issues links, and prints them. */
export const issue: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Issues links for an offered file or a published upload, and prints them, one per line. Each link can be redeemed once, and is tied to the current version of the file. With several files, issues one link to a page with a button for each. With --to-list, mails everyone on a list their own link, and shows the state of each link. If the command is stopped while it mails a list, run it again to continue.',
    )
    .argument('[names...]', 'names of offered files')
    .option('--object <id>', 'instead of a name: the ID that "tvm upload" printed')
    .option('--to <address>', 'mail the link to this address')
    .option('--to-list <file>', 'mail a link to everyone in this CSV file: email,name,note,language')
    .option('--list <name>', 'with --to-list: the name of the list (default: the name of the CSV file)')
    .option(
      '--rate <number>',
      'with --to-list: e-mails per second (default: what SES allows)',
      wholeNumber(1, 1000),
    )
    .option('--dry-run', 'with --to-list: check the list, and send nothing')
    .option('--report', 'with --to-list: only show the state of the links')
    .option(
      '--expires <time>',
      'lifetime, such as 15m, 2h, or 7d; at most 400d (default: as for form links; with --to-list, 7d)',
      lifetimeWithin(LIFETIME),
    )
    .addOption(
      new Option('--open <how>', 'confirm: press a button; direct: redeem on GET, for programs').choices([
        'confirm',
        'direct',
      ]),
    )
    .addOption(
      new Option(
        '--delivery <how>',
        'redirect: redirect to a short-lived URL; stream: send the bytes; proxy: send the bytes through the reverse proxy; zip: send several files as one zip',
      ).choices(['redirect', 'stream', 'proxy', 'zip']),
    )
    .option('--watermark', 'stream a copy of the PDF, with the recipient named on each page')
    .option('--watermark-name <name>', 'a name to show on the copy, before the address given with --to')
    .option('--second-chance', 'let the redeemer get the file again if the download is interrupted')
    .option('--no-second-chance', 'never hand out the file twice')
    .option(
      '--presence-code',
      'ask for a code that you give to the recipient separately from the link; not with --to-list, because the codes of a stopped run cannot be looked up',
    )
    .option(
      '--cidr <network>',
      'redeemable only from this network, such as 192.0.2.0/24; can be repeated',
      (network: string, networks: readonly string[] | undefined) => [
        ...(networks ?? []),
        readNetwork(network),
      ],
    )
    .option('--count <number>', 'number of links, 1 to 100', wholeNumber(1, 100))
    .option('--note <text>', 'a note for yourself; the recipient never sees it')
    .option('--notify <address>', 'send a notice to this address when the link is redeemed')
    .option('--no-reveal', 'print IDs instead of links, so that only the recipient in --to gets the link')
    .option('--idempotency-key <key>', 'within a day, the same key returns the same links')
    .action((names, options) =>
      run(async (session) => {
        const { toList } = options;
        if (toList !== undefined) {
          const terms = listTerms(names, options);
          // Loaded only here, because only lists need the SES client.
          const { issueToList } = await import('../recipients/issue-to-list.ts');
          return await issueToList(session, terms, { ...options, toList });
        }
        await issueLinks(session, names, options);
        return 'done';
      }),
    );
  addExamples(defined, [
    ['npx tvm issue report.pdf', 'One link, with the lifetime of form links'],
    ['npx tvm issue report.pdf --expires 7d --count 20 > links.txt', 'Twenty links for a week'],
    ['npx tvm issue plan.pdf budget.xlsx --to ann@example.org', 'One link to several files'],
    ['npx tvm issue --object d0f6b2c1d9e8a47b35c60718293a4b5c', 'For a published upload'],
    ['npx tvm issue private/contract.pdf --to ann@example.org --no-reveal', 'Only by mail'],
    ['npx tvm issue report.pdf --to-list recipients.csv --dry-run', 'Check a list of recipients'],
    ['npx tvm issue private/plan.pdf --to ann@example.org --watermark', 'A copy stamped with the address'],
    ['npx tvm issue private/contract.pdf --to ann@example.org --presence-code', 'With a presence code'],
    ['curl -LOJ "$(npx tvm issue report.pdf --open direct)"', 'Download from a script'],
  ]);
};

async function issueLinks(session: Session, names: readonly string[], options: IssueOptions): Promise<void> {
  const { output, signal, self } = session;
  const body = requestBody(names, options);
  const connection = await session.connect();
  const key = options.idempotencyKey ?? randomUUID();
  const call = { method: 'POST', path: '/links', headers: { 'idempotency-key': key }, body } as const;
  const response = await callIssue(connection, call, signal);
  const issued = understood(IssuedLinks, response);
  if (output.format === 'json') return output.json(response);
  for (const { url, tokenId } of issued.links) output.line(url ?? tokenId);
  const [first] = issued.links;
  if (first === undefined) return;
  const until = momentText(new Date(first.expiresAt));
  for (const { tokenId, presenceCode } of issued.links) {
    if (presenceCode !== undefined) output.note(`The code for ${tokenId} is ${presenceCode}.`);
  }
  if (options.presenceCode) output.aside('Give the recipient the code separately from the link.');
  if (options.to !== undefined) output.aside('The e-mail is on its way.');
  output.aside(
    issued.links.length === 1
      ? `${names.length > 1 ? 'Each file can be redeemed' : 'Redeemable'} once, until ${until}. See ${self} show ${first.tokenId}`
      : `${issued.links.length} links, each redeemable once, until ${until}.`,
  );
}

/** Default lifetime of a list's links, in seconds: long enough for reminders. */
const LIST_LIFETIME = 604_800;

/**
 * Returns the terms of a list's links.
 *
 * @throws CommandFailure for options that cannot be combined with a list
 */
function listTerms([name, ...more]: readonly string[], options: IssueOptions): ListTerms {
  const { to, object, open, count, note, idempotencyKey, watermarkName, presenceCode } = options;
  const single = {
    ...{ to, object, count, note },
    'idempotency-key': idempotencyKey,
    'watermark-name': watermarkName,
    'presence-code': presenceCode,
  };
  const wrong = Object.entries(single).find(([, value]) => value !== undefined)?.[0];
  if (wrong !== undefined || open === 'direct' || name === undefined || more.length > 0) {
    throw new CommandFailure(
      'usage',
      wrong === undefined
        ? '--to-list mails links with a button, for a single offered file.'
        : `--${wrong} cannot be combined with --to-list.`,
      wrong === 'presence-code'
        ? 'The codes of a stopped run cannot be looked up. docs/presence-codes.md shows how to mail several people.'
        : 'Name one offered file. The list supplies the name and the note for each e-mail.',
    );
  }
  const { expires = LIST_LIFETIME } = options;
  return { asset: readAssetName(name), ...termsOf({ ...options, expires }) };
}

/**
 * Returns the body of the request.
 *
 * @throws CommandFailure for conflicting options, because the API would not explain the conflict
 */
function requestBody(names: readonly string[], options: IssueOptions): object {
  const { to, open, delivery, count, note, reveal, watermark, watermarkName, presenceCode } = options;
  const opensDirectly = open === 'direct' && delivery !== 'zip';
  if (names.length > 1 && (opensDirectly || count !== undefined || watermark)) {
    throw new CommandFailure(
      'usage',
      'Several files cannot be combined with --open direct, --count, or --watermark.',
      'Several files share one link, to a page with a button for each. With --delivery zip, the link can open directly.',
    );
  }
  const strays = [options.list, options.rate, options.dryRun, options.report];
  if (strays.some((value) => value !== undefined)) {
    throw new CommandFailure('usage', '--list, --rate, --dry-run, and --report need --to-list.');
  }
  if (watermark && delivery !== undefined && delivery !== 'stream') {
    throw new CommandFailure(
      'usage',
      `--watermark cannot be combined with --delivery ${delivery}: copies are streamed.`,
    );
  }
  if (watermarkName !== undefined && !watermark) {
    throw new CommandFailure('usage', '--watermark-name needs --watermark.');
  }
  if (presenceCode && open === 'direct') {
    throw new CommandFailure(
      'usage',
      '--open direct cannot be combined with --presence-code: a GET request cannot ask for a code.',
    );
  }
  if (to !== undefined && open === 'direct') {
    throw new CommandFailure(
      'usage',
      '--open direct cannot be combined with --to: mail scanners would redeem the link.',
    );
  }
  if (to !== undefined && (count ?? 1) > 1) {
    throw new CommandFailure('usage', '--to mails one link, so it cannot be combined with --count.');
  }
  if (to === undefined && !reveal) {
    throw new CommandFailure('usage', '--no-reveal needs --to: otherwise nobody gets the link.');
  }
  return {
    ...fileOf(names, options.object),
    ...(to !== undefined && { recipient: to }),
    ...(open !== undefined && { open }),
    ...(watermarkName !== undefined && { watermarkName }),
    ...(presenceCode && { presenceCode }),
    ...(count !== undefined && { count }),
    ...(note !== undefined && { note }),
    ...termsOf(options),
    ...(!reveal && { reveal }),
  };
}

/** Returns the terms that can be set both for individual links and for a list. */
function termsOf({
  expires,
  delivery,
  cidr,
  notify,
  watermark,
  secondChance,
}: Pick<IssueOptions, 'expires' | 'delivery' | 'cidr' | 'notify' | 'watermark' | 'secondChance'>): object {
  return {
    ...(expires !== undefined && { expiresIn: expires }),
    ...(delivery !== undefined && { delivery }),
    ...(watermark && { delivery: 'stream', watermark }),
    ...(cidr !== undefined && { allowedCidrs: cidr }),
    ...(secondChance !== undefined && { secondChance }),
    ...(notify !== undefined && { notify }),
  };
}

/**
 * Returns the members of the request that determine which files the links are for.
 *
 * @throws CommandFailure if file names and an object ID are both given, or both missing
 */
function fileOf([name, ...more]: readonly string[], object: string | undefined): object {
  if (name !== undefined && object === undefined) {
    const asset = readAssetName(name);
    return more.length === 0 ? { asset } : { assets: [asset, ...more.map(readAssetName)] };
  }
  if (name === undefined && object !== undefined) return { objectId: readObjectId(object) };
  throw new CommandFailure(
    'usage',
    name === undefined ? 'No file given.' : 'Use either a name or --object, not both.',
    'Name an offered file, or use --object with the ID that "tvm upload" printed.',
  );
}

/**
 * Issues the links, and returns the body of the response.
 *
 * @throws CommandFailure with the idempotency key if the outcome is unknown, or with the problem otherwise
 */
async function callIssue(connection: Connection, call: IssueCall, signal: AbortSignal): Promise<unknown> {
  const response = await callNamed(connection, call, 'the links that may have been issued', signal);
  if (response.kind === 'success') return response.body;
  const failure = failureOfProblem(response.problem);
  if (response.problem.code === 'asset_not_found' && 'objectId' in call.body) {
    throw new CommandFailure(
      failure.ending,
      failure.message,
      'Only the caller that uploaded an object may issue links for it.',
    );
  }
  throw failure;
}

function readNetwork(text: string): string {
  const network = parseCidr(text);
  if (network === undefined) {
    throw new InvalidArgumentError(
      'Use a network such as 192.0.2.0/24, with no bits set after the prefix. For a single address, use 192.0.2.7/32.',
    );
  }
  return network;
}
