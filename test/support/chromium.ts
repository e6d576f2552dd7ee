import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { inTurn } from './in-turn.ts';

const run = promisify(execFile);

/** The conventional cache folder. `npm ci` empties it. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/token-vending-machine', import.meta.url));

/** File name of our font configuration. The package's own configuration searches Lambda's font folders. */
const FONTS = 'own-fonts.conf';

/** Script that unpacks the browser into its temporary folder and prints the path. */
const UNPACK = `import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath());`;

/**
 * Starts a browser without timeouts and with web security, which the package's arguments turn off. The caller closes it.
 *
 * The package unpacks to fixed names, and cannot distinguish a complete file from one that another process is still
 * writing. We unpack into a new folder and rename it, so that test files can run in parallel.
 */
export async function launchChromium(): Promise<Browser> {
  const home = join(CACHE, `browser-${packageVersion()}`);
  if (!existsSync(home)) await inTurn('browser', () => unpackInto(home));
  // Chromium shares memory through files, and leaves some behind if it exits while creating them.
  const temporary = mkdtempSync(join(tmpdir(), 'tvm-chromium-'));
  const forget = () => rmSync(temporary, { recursive: true, force: true, maxRetries: 10 });
  try {
    const browser = await chromium.launch({
      executablePath: join(home, 'chromium'),
      // Uses only the package's fonts, so that pages and screenshots look the same on every machine.
      env: { ...process.env, FONTCONFIG_FILE: join(home, FONTS), TMPDIR: temporary },
      // Chromium's sandbox cannot start in containers that run tests as root.
      args: ['--no-sandbox', '--disable-gpu'],
      timeout: 0,
    });
    browser.once('disconnected', forget);
    browser.on('context', (context) => context.setDefaultTimeout(0));
    return browser;
  } catch (error) {
    forget();
    throw error;
  }
}

async function unpackInto(home: string): Promise<void> {
  if (existsSync(home)) return;
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(join(CACHE, 'unfinished-'));
  await run(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    env: { ...process.env, TMPDIR: fresh },
  });
  await writeFile(join(fresh, FONTS), fontsIn(home));
  await rename(fresh, home).catch(async (error: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  });
}

/** Returns a configuration with only the browser's own fonts (fontconfig, "Configuration File Format"). */
function fontsIn(home: string): string {
  const dir = join(home, 'fonts');
  return `<?xml version="1.0"?><fontconfig><dir>${dir}</dir><cachedir>${join(home, 'fonts-cache')}</cachedir></fontconfig>`;
}

function packageVersion(): string {
  const own: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { devDependencies } = own as { readonly devDependencies: Readonly<Record<string, string>> };
  return devDependencies['@sparticuz/chromium'] ?? 'unknown';
}
