import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../laptop/test/support/eventually.ts';
import type { Certificate } from './certificate.ts';
import type { ServerName } from './find-server.ts';

const NETWORKS = fileURLToPath(new URL('../../docs/networks/', import.meta.url));

/** Settings that an operator fills in for every recipe. */
interface BucketSettings {
  /** The origin of presigned URLs. */
  readonly bucket: string;
  /** The proxy's own certificate, and the only one that it trusts. */
  readonly certificate: Certificate;
}

/** Settings that an operator fills in for a proxy in front of the API. */
interface ApiSettings extends BucketSettings {
  /** The URL of the API, with the stage. */
  readonly api: string;
  readonly secret: string;
}

/** A proxy in front of the API uses `reverse-proxy/`, and one in front of the bucket uses `own-host-names/`. */
type Settings = ApiSettings | BucketSettings;

function readRecipe(file: string, settings: Settings): string {
  return readFileSync(join(NETWORKS, 'api' in settings ? 'reverse-proxy' : 'own-host-names', file), 'utf8');
}

/** A reverse proxy that is running with one of the recipes. */
export interface ReverseProxy {
  readonly url: string;
  /** Returns everything that the proxy has logged or printed. */
  logged(): string;
  /** Returns the files in the proxy's folder that its processes have open, including deleted files but not logs. */
  openFiles(): readonly string[];
  close(): Promise<void>;
}

/** Starts a reverse proxy on a free port of 127.0.0.1 with the manual's recipe, in which only settings are filled in. */
export async function startProxy(
  name: ServerName,
  program: string,
  settings: Settings,
): Promise<ReverseProxy> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), `tvm-${name}-`));
  const [config, args, env] = name === 'nginx' ? nginx(dir, port, settings) : caddy(port, settings);
  writeFileSync(join(dir, 'config'), config);
  const child = spawn(program, [...args, join(dir, 'config')], {
    env: { ...process.env, ...env, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  const exited = once(child, 'exit').then(() => 'exited' as const);
  const close = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(dir, { recursive: true, force: true });
  };
  const listening = eventually(() => listensAt(port));
  if ((await Promise.race([listening, exited])) === 'exited') {
    await close();
    throw new Error(`${name} exited: ${printed}`);
  }
  return {
    url: `https://127.0.0.1:${port}`,
    logged: () => printed + readLogs(dir),
    openFiles: () => openFilesIn(dir),
    close,
  };
}

type Started = readonly [config: string, args: readonly string[], env: Readonly<Record<string, string>>];

/** Wraps the recipe in the settings of Debian's nginx.conf: compression is on, and the logs contain queries. */
function nginx(dir: string, port: number, settings: Settings): Started {
  const { bucket, certificate } = settings;
  const { protocol, host } = new URL(bucket);
  mkdirSync(join(dir, 'temp'));
  const recipe = filledIn(readRecipe('nginx.conf', settings), [
    [/listen 443/, `listen 127.0.0.1:${port}`],
    [/^ {4}listen \[::\]:443 ssl;\n/m, ''],
    [/\/etc\/ssl\/(files|downloads)\.example\.org\.pem/, certificate.certPath],
    [/\/etc\/ssl\/private\/(files|downloads)\.example\.org\.key/, certificate.keyPath],
    [/\/etc\/ssl\/certs\/ca-certificates\.crt/, certificate.certPath],
    [/\/var\/log\/nginx/g, dir],
    ...('api' in settings
      ? ([
          [/https:\/\/API_ID\.execute-api\.REGION\.amazonaws\.com\/v1/, settings.api],
          [/https:\/\/BUCKET\.s3\.REGION\.amazonaws\.com/, bucket],
          [/(?<=X-Proxy-Secret )SECRET/, settings.secret],
        ] as const)
      : ([
          [/BUCKET\.s3\.REGION\.amazonaws\.com/, host],
          [/https:(?=\/\/\$bucket)/, protocol],
        ] as const)),
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(dir, 'temp', kind)};`)
    .join('\n');
  const config = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${dir}/pid;
error_log ${dir}/main.error.log info;
events {}
http {
${temporary}
access_log ${dir}/main.log;
gzip on;
gzip_min_length 1;
gzip_types *;
${recipe}
}`;
  return [config, ['-e', join(dir, 'main.error.log'), '-c'], {}];
}

function caddy(port: number, settings: Settings): Started {
  const { bucket, certificate } = settings;
  const { origin, pathname } = new URL('api' in settings ? settings.api : bucket);
  const recipe = filledIn(readRecipe('Caddyfile', settings), [
    [/^\{$/m, '{\n\tadmin off\n\tauto_https disable_redirects'],
    [
      /^(files|downloads)\.example\.org \{$/m,
      `https://127.0.0.1:${port} {\n\tbind 127.0.0.1\n\ttls ${certificate.certPath} ${certificate.keyPath}`,
    ],
    [/https:\/\/BUCKET\.s3\.REGION\.amazonaws\.com/, bucket],
    ...('api' in settings
      ? ([
          [/https:\/\/API_ID\.execute-api\.REGION\.amazonaws\.com/, origin],
          [/\/v1/, pathname],
        ] as const)
      : []),
  ]);
  const secret = 'api' in settings ? settings.secret : '';
  const environment = { PROXY_SECRET: secret, SSL_CERT_FILE: certificate.certPath, SSL_CERT_DIR: '/nowhere' };
  return [recipe, ['run', '--adapter', 'caddyfile', '--config'], environment];
}

/** @throws if the recipe lacks a placeholder */
function filledIn(recipe: string, values: readonly (readonly [RegExp, string])[]): string {
  return values.reduce((text, [blank, value]) => {
    if (text.search(blank) === -1) throw new Error(`The recipe has no placeholder like ${blank}.`);
    return text.replace(blank, () => value);
  }, recipe);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Returns `listens` if a program listens on the port, and `undefined` if none does yet. */
function listensAt(port: number): Promise<'listens' | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve('listens');
    });
    socket.once('error', () => resolve(undefined));
  });
}

function readLogs(dir: string): string {
  const logs = readdirSync(dir).filter((name) => name.endsWith('.log'));
  return logs.map((name) => readFileSync(join(dir, name), 'utf8')).join('');
}

/** Searches all processes, because the IDs of a server's workers are unknown. */
function openFilesIn(dir: string): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const links = processes.flatMap((id) => linksIn(`/proc/${id}/fd`));
  return links.filter((target) => target.startsWith(dir) && !target.endsWith('.log'));
}

/** Returns a /proc folder's link targets, or none if the process has ended or belongs to another user. */
function linksIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => readlinkSync(join(folder, name)));
  } catch {
    return [];
  }
}
