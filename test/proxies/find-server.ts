import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The conventional folder for caches. `npm ci` empties it. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/proxies', import.meta.url));

/** Where Debian's packages put their programs, and what makes each tell its version. */
const SERVERS = {
  nginx: { path: 'usr/sbin/nginx', version: ['-v'] },
  caddy: { path: 'usr/bin/caddy', version: ['version'] },
} as const;

export type ServerName = keyof typeof SERVERS;

export const serverNames = Object.keys(SERVERS) as readonly ServerName[];

/**
 * Finds a reverse proxy: in PATH, in the folder of programs for administrators, or in Debian's package, which is unpacked
 * into the cache and not installed.
 *
 * @returns the path of the program
 * @throws if there is none, if it does not run here, or if there is no openssl to make certificates for it
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

/** Gets Debian's package, which needs no rights, and renames it into place, so that a half of it is never found. */
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
