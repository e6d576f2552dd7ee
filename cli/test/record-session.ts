import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { replaceBlock } from '../../docs/build/marked-block.ts';
import { startLaptop } from '../../test/support/laptop.ts';
import { shellWord } from '../tvm/shell-word.ts';
import { runTogether } from './support/in-process.ts';

/*
 * `npm run record` runs a session in its own local mode, and writes the output of an 80-column terminal to
 * docs/commands.md. The data folder and the port are replaced with their defaults.
 */

const PAGE = fileURLToPath(new URL('../../docs/commands.md', import.meta.url));

const laptop = await startLaptop();
const folder = mkdtempSync(join(tmpdir(), 'tvm-session-'));
const lines: string[] = [];

/** Returns the text that remains on the screen, without overwritten lines. */
const onScreen = (text: string): string =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1))
    .join('\n');

const forReaders = (text: string): string =>
  onScreen(text)
    .replaceAll(`--data-dir ${laptop.dataDir}`, '--local')
    .replaceAll(new URL(laptop.endpoints.api).origin, 'http://127.0.0.1:8787');

const show = (command: string, said: string): void => {
  lines.push(`$ ${forReaders(command)}`, ...forReaders(said).trimEnd().split('\n'), '');
};

async function tvm(...args: readonly string[]): Promise<string> {
  const shown = args.map((arg) => (arg === join(folder, 'report.pdf') ? 'report.pdf' : shellWord(arg)));
  const said = await runTogether(['--data-dir', laptop.dataDir, ...args]);
  show(`npx tvm --local ${shown.join(' ')}`, said);
  return onScreen(said);
}

function curl(url: string): void {
  const options = ['-sLOJ', '-w', '%{http_code} %{size_download} bytes\n'];
  const said = execFileSync('curl', [...options, url], { cwd: folder, encoding: 'utf8' });
  show(`curl -sLOJ -w '%{http_code} %{size_download} bytes\\n' \\\n    ${shellWord(url)}`, said);
}

try {
  writeFileSync(join(folder, 'report.pdf'), Buffer.alloc(1_234_567, '%PDF-1.7 '));
  await tvm('offer', join(folder, 'report.pdf'));
  const issued = await tvm('issue', 'report.pdf', '--open', 'direct', '--note', 'for the auditors');
  const [url = ''] = /http\S+/.exec(issued) ?? [];
  const [id = ''] = /\b[0-9a-f]{32}\b/.exec(issued) ?? [];
  rmSync(join(folder, 'report.pdf'));
  curl(url);
  show(`curl ${shellWord(url)}`, execFileSync('curl', ['-s', url], { encoding: 'utf8' }));
  await tvm('show', id);
  await tvm('revoke', id, '--yes');
} finally {
  rmSync(folder, { recursive: true });
  await laptop.close();
}

const session = ['```console', ...lines.slice(0, -1), '```'].join('\n');
writeFileSync(PAGE, replaceBlock(readFileSync(PAGE, 'utf8'), 'session', session));
