import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Deletes a user of local mode while it is stopped. The next start creates the user again under its name, with the
 * same ARN, a new unique ID, and a new access key (IAM User Guide, "IAM identifiers").
 *
 * @param path of the data folder's `access-keys.json`
 */
export function deleteUser(path: string, name: string): void {
  const { [`user/${name}`]: _deleted, ...others } = JSON.parse(readFileSync(path, 'utf8')) as object &
    Record<string, unknown>;
  writeFileSync(path, JSON.stringify(others));
}
