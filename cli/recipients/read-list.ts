import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isNativeError } from 'node:util/types';
import { PLAIN_LINE } from '../../lambda/operator.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import { countText } from '../tvm/format.ts';
import type { Session } from '../tvm/session.ts';
import { parseRecipients } from './parse-recipients.ts';
import type { Recipient } from './recipient.ts';

const LARGEST_FILE = 64_000_000;
const MOST_COMPLAINTS = 20;
const LONGEST_LIST_NAME = 100;

/** A list of recipients, and the name that its links share. */
export interface RecipientList {
  readonly name: string;
  readonly recipients: readonly Recipient[];
}

/**
 * Reads and checks a whole list before anything is sent. Prints the first errors, each with its line and column.
 *
 * @param given the name of the list; the name of the file by default
 * @throws CommandFailure if the name is invalid, the file cannot be read, or the list contains an error
 */
export async function readList(
  { output }: Pick<Session, 'output'>,
  path: string,
  given?: string,
): Promise<RecipientList> {
  const name = given ?? basename(path);
  if (name.length > LONGEST_LIST_NAME || !PLAIN_LINE.test(name)) {
    throw new CommandFailure('usage', 'Invalid list name.', LIST_NAME);
  }
  const { recipients, complaints } = parseRecipients(await bytesOf(path));
  for (const { line, field, what } of complaints.slice(0, MOST_COMPLAINTS)) {
    output.note(`line ${line}${field === undefined ? '' : `, ${field}`}: ${what}`);
  }
  if (complaints.length === 0) return { name, recipients };
  throw new CommandFailure(
    'usage',
    `${path} has ${countText(complaints.length, 'error')}. Nothing was sent.`,
    complaints.length > MOST_COMPLAINTS ? `The first ${MOST_COMPLAINTS} are shown.` : undefined,
  );
}

const LIST_NAME = `Use --list to choose a name of one line and up to ${LONGEST_LIST_NAME} characters.`;

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size > LARGEST_FILE) throw new CommandFailure('usage', `${path} is too large.`);
    return await readFile(path);
  } catch (error) {
    if (!isNativeError(error) || !('code' in error)) throw error;
    const isMissing = error.code === 'ENOENT';
    const what = isMissing ? 'does not exist' : `could not be read (${String(error.code)})`;
    throw new CommandFailure(isMissing ? 'notFound' : 'usage', `${path} ${what}.`);
  }
}
