import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The conventional cache folder. `npm ci` empties it. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/proxies', import.meta.url));

/** Paths of the programs in Debian's packages, and the arguments that print their versions. */
const SERVERS = {
  nginx: { path: 'usr/sbin/nginx', version: ['-v'] },
  caddy: { path: 'usr/bin/caddy', version: ['version'] },
} as const;

export type ServerName = keyof typeof SERVERS;

export const serverNames = Object.keys(SERVERS) as readonly ServerName[];

/**
 * Finds a reverse proxy in PATH, in /usr/sbin, or in Debian's package. The package is unpacked into the cache, but not
 * installed.
 *
 * @returns the path of the program
 * @throws if there is none, if it does not run, or if there is no openssl to create certificates
 */
export async function findServer(name: ServerName): Promise<string> {
  await run('openssl', ['version']);
  const unpacked = join(CACHE, name);
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = [...folders, '/usr/sbin', dirname(join(unpacked, SERVERS[name].path))];
  const found = await firstProgram(places.map((folder) => join(folder, name)));
  const program = found ?? (await unpackPackage(name, unpacked));
  await run(program, SERVERS[name].version);
  return program;
}

async function firstProgram(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}

/**
 * Downloads and unpacks Debian's package without root privileges. The finished folder is renamed into place, so that an
 * incomplete one is never found.
 */
async function unpackPackage(name: ServerName, target: string): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'download-'));
  try {
    const impatient = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=10'];
    await run('apt-get', [...impatient, 'download', name], { cwd: folder });
    const [archive = ''] = await readdir(folder);
    await run('dpkg', ['-x', archive, 'unpacked'], { cwd: folder });
    await rename(join(folder, 'unpacked'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return join(target, SERVERS[name].path);
}
