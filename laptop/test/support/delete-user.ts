import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Deletes a user while local mode is stopped. The next start creates a user with the same name and ARN, but a new
 * unique ID and access key (IAM User Guide, "IAM identifiers").
 *
 * @param path path of `access-keys.json` in the data folder
 */
export function deleteUser(path: string, name: string): void {
  const { [`user/${name}`]: _deleted, ...others } = JSON.parse(readFileSync(path, 'utf8')) as object &
    Record<string, unknown>;
  writeFileSync(path, JSON.stringify(others));
}
