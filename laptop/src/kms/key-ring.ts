import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';

/** HMAC_256 key material by key ID. It survives restarts, so that MACs stay valid. */
export interface KeyRing {
  find(keyId: string): Buffer | undefined;
  /** Creates a random 256-bit key unless the key exists. */
  create(keyId: string): void;
}

const File = z.record(z.string(), z.base64());

/**
 * Opens a folder of keys. The first key creates the folder if it does not exist.
 *
 * @throws if the folder contains an invalid key file
 */
export function openKeyRing(dataDir: string): KeyRing {
  const path = join(dataDir, 'keys.json');
  const keys = new Map(
    Object.entries(existsSync(path) ? File.parse(JSON.parse(readFileSync(path, 'utf8'))) : {}),
  );
  return {
    find: (keyId) => {
      const material = keys.get(keyId);
      return material === undefined ? undefined : Buffer.from(material, 'base64');
    },
    create: (keyId) => {
      if (keys.has(keyId)) return;
      keys.set(keyId, randomBytes(32).toString('base64'));
      writeFileAtomically(path, JSON.stringify(Object.fromEntries(keys)));
    },
  };
}
