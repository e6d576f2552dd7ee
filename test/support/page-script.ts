import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

/** A block of commands on a page, and the output that the page shows for it. */
export interface PageBlock {
  readonly commands: string;
  readonly prints: string;
}

/** Returns the `sh` blocks of a page in order, each with its output: the `text` block that directly follows it. */
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
 * Runs the blocks in one shell, and stops at the first command that fails.
 *
 * @returns the output of each block
 * @throws Error if a command fails
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

/** Replaces everything that varies between runs: IDs, times, and the API's URL. */
export function comparable(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/"tokenId":"[0-9a-f]{32}"/g, '"tokenId":"ID"')
    .replace(/https?:\/\/[\w.:-]+\/v1\//g, 'API_URL/');
}
