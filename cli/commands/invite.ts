import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import mime from 'mime';
import { LINK_LIFETIME, MOST_FILES } from '../../lambda/operator.ts';
import { Invitation } from '../invites/upload-link.ts';
import { bodyOf } from '../tvm/api.ts';
import { callNamed } from '../tvm/call-named.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { momentText, parseSize } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { lifetimeWithin, wholeNumber } from '../tvm/option-values.ts';
import type { Session } from '../tvm/session.ts';
import { understood } from '../tvm/understood.ts';

interface InviteOptions {
  readonly for: string;
  readonly to?: string | undefined;
  readonly files?: number | undefined;
  readonly maxSize?: number | undefined;
  readonly types?: readonly string[] | undefined;
  readonly expires?: number | undefined;
  readonly notify?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** `tvm invite` issues an upload link. It prints the link, or only its ID if the link is mailed. */
export const inviteUploader: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Invites somebody without an account to upload files. With --to, mails the link and prints its ID. Otherwise, prints the link for you to pass on, and never shows it again.',
    )
    .requiredOption('--for <text>', 'what you are asking for, such as "the signed contract"')
    .option('--to <address>', 'mail the link to this address')
    .option(
      '--files <number>',
      `maximum number of files, 1 to ${MOST_FILES} (default: 1)`,
      wholeNumber(1, MOST_FILES),
    )
    .option(
      '--max-size <size>',
      "maximum size of a file, such as 500MB (default: the deployment's limit)",
      readSize,
    )
    .option(
      '--types <list>',
      "accepted types, such as pdf,docx or image/png (default: the deployment's types)",
      readTypes,
    )
    .option('--expires <time>', 'lifetime, from 5m to 60d (default: 7d)', lifetimeWithin(LINK_LIFETIME))
    .option(
      '--notify <address>',
      'send notices to this address when the uploader finishes, and when all files are published or rejected',
    )
    .option('--idempotency-key <key>', 'within a day, the same key returns the same link')
    .action((options) => run((session) => invite(session, options)));
  addExamples(defined, [
    ['npx tvm invite --for "the signed contract" --to ann@example.org', 'By mail'],
    ['npx tvm invite --for "holiday photos" --files 20 --types jpg,png', 'For you to pass on'],
    ['npx tvm invites', 'The state of your invitations'],
  ]);
};

async function invite(session: Session, options: InviteOptions): Promise<void> {
  const { output, signal, self } = session;
  const { for: purpose, to, files, maxSize, types, expires, notify, idempotencyKey } = options;
  const call = {
    method: 'POST',
    path: '/upload-links',
    headers: { 'idempotency-key': idempotencyKey ?? randomUUID() },
    body: {
      for: purpose,
      ...(to !== undefined && { to }),
      ...(files !== undefined && { files }),
      ...(maxSize !== undefined && { maxBytes: maxSize }),
      ...(types !== undefined && { types }),
      ...(expires !== undefined && { expiresIn: expires }),
      ...(notify !== undefined && { notify }),
    },
  } as const;
  const connection = await session.connect();
  const response = bodyOf(await callNamed(connection, call, 'the link that may have been issued', signal));
  const { linkId, url, expiresAt } = understood(Invitation, response);
  if (output.format === 'json') return output.json(response);
  output.line(url ?? linkId);
  if (to !== undefined) output.aside('The e-mail is on its way.');
  output.aside(`Open until ${momentText(new Date(expiresAt))}. See ${self} invites show ${linkId}`);
}

function readSize(text: string): number {
  const size = parseSize(text);
  if (size === undefined) throw new InvalidArgumentError('Use a size such as 500KB, 20MB, or 1GB.');
  return size;
}

/** Turns a list of media types and file extensions into media types. */
function readTypes(text: string): readonly string[] {
  const types = text.split(',').map((word) => {
    const name = word.trim().toLowerCase();
    const type = name.includes('/') ? name : mime.getType(name);
    if (type !== null) return type;
    throw new InvalidArgumentError('Use media types or file extensions, such as pdf,docx or image/png.');
  });
  return [...new Set(types)];
}
