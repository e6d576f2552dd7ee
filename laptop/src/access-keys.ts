import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from './atomic-file.ts';
import type { CredentialLookup } from './sigv4/verify.ts';

/** An access key in the SDK's format. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present only in keys of roles, as on AWS. */
  readonly sessionToken?: string;
}

/** The user or role behind an access key. */
export interface Principal {
  readonly kind: 'user' | 'role';
  /** The user's name, or the name of the function or service that uses the role. */
  readonly name: string;
  readonly arn: string;
  /**
   * The unique ID: `AIDA…` for a user, `AROA…:session` for a role. API Gateway reports it as `caller` and `user`. A
   * user that is deleted and created again gets a new ID (IAM User Guide, "IAM identifiers").
   */
  readonly userId: string;
}

/** The access keys of local mode's users and roles. */
export interface AccessKeys {
  readonly lookup: CredentialLookup;
  principalOf(accessKeyId: string): Principal | undefined;
  /** Returns the key of a user or role. The first call creates the key and stores it in the data folder. */
  keyOf(kind: Principal['kind'], name: string): AccessKey;
}

const File = z.record(
  z.string(),
  z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    sessionToken: z.string().exactOptional(),
    uniqueId: z.string(),
  }),
);
type Entry = z.output<typeof File>[string];

/**
 * Opens an access key file. If the file does not exist, the first call of `keyOf` creates it.
 *
 * @throws if the file exists but does not contain valid access keys
 */
export function openAccessKeys(path: string, accountId: string): AccessKeys {
  const entries = new Map(
    Object.entries(existsSync(path) ? File.parse(JSON.parse(readFileSync(path, 'utf8'))) : {}),
  );
  const find = (accessKeyId: string): [string, Entry] | undefined =>
    [...entries].find(([, entry]) => entry.accessKeyId === accessKeyId);
  return {
    lookup: (accessKeyId) => find(accessKeyId)?.[1],
    principalOf: (accessKeyId) => {
      const found = find(accessKeyId);
      return found === undefined ? undefined : principal(...found, accountId);
    },
    keyOf: (kind, name) => {
      const id = `${kind}/${name}`;
      const entry = entries.get(id) ?? newEntry(kind);
      if (!entries.has(id)) {
        entries.set(id, entry);
        writeFileAtomically(path, JSON.stringify(Object.fromEntries(entries), undefined, 2));
      }
      const { uniqueId: _uniqueId, ...key } = entry;
      return key;
    },
  };
}

function principal(id: string, { uniqueId }: Entry, accountId: string): Principal {
  const name = id.slice(id.indexOf('/') + 1);
  return id.startsWith('user/')
    ? { kind: 'user', name, arn: `arn:aws:iam::${accountId}:user/${name}`, userId: uniqueId }
    : {
        kind: 'role',
        name,
        arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${name}`,
        userId: `${uniqueId}:${name}`,
      };
}

/** The prefixes are from the IAM User Guide, "Understanding unique ID prefixes". */
function newEntry(kind: Principal['kind']): Entry {
  const user = kind === 'user';
  return {
    accessKeyId: `${user ? 'AKIA' : 'ASIA'}${randomId(16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    ...(user ? {} : { sessionToken: randomBytes(96).toString('base64') }),
    uniqueId: `${user ? 'AIDA' : 'AROA'}${randomId(17)}`,
  };
}

function randomId(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(length), (byte) => alphabet[byte % 32]).join('');
}
