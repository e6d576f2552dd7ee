import { basename } from 'node:path';
import { type AssetName, parseAssetName } from '../../lambda/operator.ts';
import { CommandFailure } from '../tvm/command-failure.ts';

/** How files are to be called. */
export interface Naming {
  /** The whole name of one file, or, with a slash at its end, the folder of several. */
  readonly as?: string | undefined;
  readonly access: 'public' | 'private';
}

/**
 * The name that a file of this machine is offered by: its own, unless another was given.
 *
 * @throws CommandFailure when that is no name a file on offer can have
 */
export function nameToOffer(path: string, { as, access }: Naming): AssetName {
  const plain = as === undefined ? basename(path) : as.endsWith('/') ? `${as}${basename(path)}` : as;
  return readAssetName(access === 'private' && !plain.startsWith('private/') ? `private/${plain}` : plain);
}

/**
 * The name of a file on offer, as it stands on a command line.
 *
 * @throws CommandFailure when it is none
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
    'A name has no empty, "." or ".." part, no backslash, no control characters, and at most 1,000 bytes.',
  );
}
