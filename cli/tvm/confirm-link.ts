import { confirm } from './confirm.ts';
import type { Io } from './io.ts';

/**
 * Asks the operator before a file is read through a symbolic link. `--yes` does not answer this question.
 *
 * @param verb what the command does with the file, such as "Offer"
 * @throws CommandFailure if the answer is not yes, or nobody can be asked
 */
export function confirmLink(
  io: Pick<Io, 'stdin' | 'stderr' | 'signal'>,
  verb: string,
  { path, target }: { readonly path: string; readonly target: string },
  followLinks: true | undefined,
): Promise<void> {
  return confirm(
    io,
    `${path} leads to ${target} through a symbolic link. ${verb} that file?`,
    followLinks === true ? 'yes' : 'ask',
    '--follow-links',
  );
}
