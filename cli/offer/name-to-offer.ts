import { basename } from 'node:path';
import { type AssetName, parseAssetName } from '../../lambda/operator.ts';
import { CommandFailure } from '../tvm/command-failure.ts';

/** The options that determine the names of offered files. */
export interface Naming {
  /** The name of one file, or a folder if it ends with a slash. */
  readonly as?: string | undefined;
  readonly access: 'public' | 'private';
}

/**
 * Returns the name that a file is offered under: its own, unless another was given.
 *
 * @throws CommandFailure if the name is invalid
 */
export function nameToOffer(path: string, { as, access }: Naming): AssetName {
  const plain = as === undefined ? basename(path) : as.endsWith('/') ? `${as}${basename(path)}` : as;
  return readAssetName(access === 'private' && !plain.startsWith('private/') ? `private/${plain}` : plain);
}

/**
 * Parses the name of an offered file.
 *
 * @throws CommandFailure if the name is invalid
 */
export function readAssetName(text: string): AssetName {
  const name = parseAssetName(text);
  if (name !== undefined) return name;
  if (text.startsWith('gated/')) {
    throw new CommandFailure(
      'usage',
      `Leave out gated/: the name of the file is ${text.slice('gated/'.length)}.`,
    );
  }
  throw new CommandFailure(
    'usage',
    `Invalid file name: "${text}".`,
    'A name has no empty, ".", or ".." parts, no backslashes, no control characters, and at most 1,000 bytes.',
  );
}
