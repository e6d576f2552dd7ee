import { describe, expect, test } from '@jest/globals';
import { read, section, tables } from '../../../../test/unit/docs/markdown.ts';
import { COMMANDS } from '../../../tvm/command-list.ts';
import { EXIT_CODES } from '../../../tvm/exit-codes.ts';
import { runHere } from '../../support/in-process.ts';

const manual = read('docs/commands.md');

/** Returns the options that a help text lists under a title. */
function optionsUnder(title: string, help: string): string[] {
  const [, listed = ''] = new RegExp(`^${title}:\n((?:  .*\n)+)`, 'm').exec(help) ?? [];
  return [...listed.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option = '']) => option);
}

describe.each(COMMANDS)('the manual of tvm $name', ({ name }) => {
  test('shows the usage, every option, and the JSON output', async () => {
    const text = section(manual, `## ${name}`);
    const { stdout } = await runHere([name, '--help']);
    const options = optionsUnder('Options', stdout).filter((option) => option !== '--help');
    expect(text).toMatch(new RegExp(`^\n\`tvm ${name}`));
    expect(text).toContain('`--json`');
    expect(options.filter((option) => !text.includes(option))).toEqual([]);
  });
});

test('the manual explains every global option', async () => {
  const options = optionsUnder('Options', (await runHere(['--help'])).stdout);
  const text = section(manual, '## What every command takes');
  expect(options.filter((option) => option !== '--version' && !text.includes(`\`${option}`))).toEqual([]);
});

test('the manual has the same exit codes as the program', () => {
  const [codes] = tables(section(manual, '## Exit codes'));
  expect(codes).toEqual(Object.values(EXIT_CODES).map(({ status, meaning }) => [String(status), meaning]));
});

test('the recorded session offers a file, issues a link, tries to redeem it twice, shows it, and tries to revoke it', () => {
  const session = section(manual, '## A session');
  const commands = [...session.matchAll(/^\$ (?:npx tvm --local )?(\w+)/gm)].map(([, command]) => command);
  expect(commands).toEqual(['offer', 'issue', 'curl', 'curl', 'show', 'revoke']);
  expect(session).toMatch(/^200 \d+ bytes$/m);
  expect(session).toContain('"code":"token_redeemed"');
  for (const leak of ['/tmp/', '\u001b', '--data-dir']) expect(session).not.toContain(leak);
});
