import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

/** A block of commands on a page, and what the page says they print. */
export interface PageBlock {
  readonly commands: string;
  readonly prints: string;
}

/** The `sh` blocks of a page in their order; a `text` block that follows one directly or after prose is its output. */
export function blocksOf(page: string): PageBlock[] {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind, text = '']) => ({
    kind,
    text,
  }));
  return blocks.flatMap(({ kind, text }, index) => {
    const next = blocks[index + 1];
    return kind === 'sh' ? [{ commands: text, prints: next?.kind === 'text' ? next.text : '' }] : [];
  });
}

/**
 * Runs the blocks in one shell that stops at the first command that fails, as somebody who reads would.
 *
 * @returns what each printed
 * @throws if a command fails
 */
export async function runBlocks(
  blocks: readonly PageBlock[],
  environment: Readonly<Record<string, string>>,
): Promise<string[]> {
  const mark = randomUUID();
  const script = blocks.map(({ commands }) => `${commands}\necho ${mark}`).join('\n');
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    env: environment,
  });
  return stdout.split(`${mark}\n`).slice(0, -1);
}

/** A text with what differs from run to run put aside: ids, times, and where the API is. */
export function comparable(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/"tokenId":"[0-9a-f]{32}"/g, '"tokenId":"ID"')
    .replace(/https?:\/\/[\w.:-]+\/v1\//g, 'API_URL/');
}
