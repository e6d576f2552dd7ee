import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../../tvm/command-list.ts';
import { EXIT_CODES } from '../../../tvm/exit-codes.ts';
import { runProgram } from '../../../tvm/program.ts';
import { fakeIo, runHere } from '../../support/in-process.ts';

const names = COMMANDS.map(({ name }) => name);
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('tvm --help', () => {
  test('fits in 80 columns, even on a wider terminal', async () => {
    for (const columns of ['80', '200']) {
      const { status, stdout, stderr } = await runHere(['--help'], 'pipe', { COLUMNS: columns });
      expect({ status, stderr, fits: widest(stdout) <= 80 }).toEqual({ status: 0, stderr: '', fits: true });
    }
  });

  test('lists every command with its summary', async () => {
    const { stdout } = await runHere(['--help']);
    for (const { name, summary } of COMMANDS)
      expect(stdout).toContain(`  ${name.padEnd(21)}${summary.split(' ')[0]}`);
  });

  test('lists the exit codes', async () => {
    const { stdout } = await runHere(['--help']);
    for (const { status, meaning } of Object.values(EXIT_CODES)) {
      expect(stdout).toContain(`  ${String(status).padEnd(5)}${meaning}\n`);
    }
  });

  test('has no colors in a pipe, and bold titles on a terminal', async () => {
    expect((await runHere(['--help'])).stdout).not.toContain('\u001b');
    expect((await runHere(['--help'], 'terminal')).stdout).toContain('\u001b[1mCommands:');
  });
});

describe('tvm help', () => {
  test.each([
    [['help'], ['--help']],
    [
      ['help', 'issue'],
      ['issue', '--help'],
    ],
  ])('%j prints the same as %j', async (asked, option) => {
    const response = await runHere(asked);
    expect(response).toMatchObject({ status: 0, stderr: '' });
    expect(response).toEqual(await runHere(option));
  });

  test.each([
    ['help', 'isue'],
    ['isue', '--help'],
    ['--local', 'isue', '-h'],
  ])('rejects unknown commands: %s %s', async (...args) => {
    const { status, stderr } = await runHere(args);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "error: unknown command 'isue'\n(Did you mean issue?)\n",
    });
  });
});

describe.each(names)('tvm %s --help', (name) => {
  test('fits in 80 columns, and ends with examples of existing commands', async () => {
    const { status, stdout } = await runHere([name, '--help']);
    const examples = stdout.slice(stdout.indexOf('\nExamples:\n'));
    const called = [...examples.matchAll(/npx tvm (\S+)/g)].map(([, command]) => command);
    expect({ status, fits: widest(stdout) <= 80 }).toEqual({ status: 0, fits: true });
    expect(called).toContain(name);
    expect(names).toEqual(expect.arrayContaining(called));
  });

  test('wraps its options within 60 columns, and prints no empty default', async () => {
    const { stdout } = await runHere([name, '--help'], 'pipe', { COLUMNS: '60' });
    const options = stdout.slice(stdout.indexOf('\nOptions:\n'), stdout.indexOf('\nExamples:\n'));
    expect({ fits: widest(options) <= 60, empty: options.includes('[]') }).toEqual({
      fits: true,
      empty: false,
    });
  });

  test('lists the global options', async () => {
    const { stdout } = await runHere([name, '--help']);
    expect(stdout).toMatch(/^Global Options:\n/m);
    for (const option of ['--stack', '--region', '--profile', '--local', '--json', '--yes'])
      expect(stdout).toContain(option);
  });
});

describe('incorrect usage exits with 2 and a message on standard error', () => {
  test.each([
    [['asets'], "error: unknown command 'asets'\n(Did you mean assets?)\n"],
    [['assets', '--prefx', 'x'], "error: unknown option '--prefx'\n(Did you mean --prefix?)\n"],
    [['assets', 'x'], /^error: too many arguments for 'assets'/],
    [['offer'], "error: missing required argument 'file'\n"],
    [['issue', 'a', '--expires', '1y'], /Use a time from 1m to 400d, such as 15m, 2h, or 7d\.\n$/],
    [['remind', 'a', '--to-list', 'b', '--after', '1h'], /Use a time from 1d to 400d, such as 3d or 4w\.\n$/],
    [['issue', 'a', '--count', '101'], /Use a whole number from 1 to 100\.\n$/],
    [
      ['issue', 'a', '--cidr', '300.0.0.0/8'],
      /argument '300\.0\.0\.0\/8' is invalid\. Use a network such as/,
    ],
    [
      ['issue', 'a', '--cidr', '10.0.0.1/8'],
      /with no bits set after the prefix\. For a single address, use 192\.0\.2\.7\/32\.\n$/,
    ],
    [['issue', 'a', '--cidr', '10.0.0.0/8', '--cidr', '10.1.1.1'], /argument '10\.1\.1\.1' is invalid/],
    [
      ['list', '--all', '--limit', '3'],
      "error: option '--all' cannot be used with option '--limit <number>'\n",
    ],
    [['list', '--recipient', 'ann'], 'error: --recipient takes one address, such as ann@example.org.\n'],
    [['issue', 'a', '--open', 'twice'], /Allowed choices are confirm, direct\.\n$/],
    [['offer', 'a', '--storage-class', 'GLACIER'], /its links could not be redeemed/],
    [['offer', 'a', '--storage-class', 'x'], /Choose one of STANDARD, /],
    [['issue', 'a', '--to', 'a@example.org', '--open', 'direct'], /mail scanners would redeem the link/],
    [['issue', 'a', '--to', 'a@example.org', '--count', '2'], /--to mails one link/],
    [['issue', 'a', '--no-reveal'], /nobody gets the link/],
    [['issue'], /^error: No file given\.\n/],
    [['issue', 'a', '--object', `d${'0'.repeat(31)}`], /Use either a name or --object, not both/],
    [['issue', '--object', `c${'0'.repeat(31)}`], /This is not the ID of an object/],
    [['upload'], "error: missing required argument 'file'\n"],
    [['uploads', 'publish'], /Allowed choices are list, show, release, reject, rescan\.\n$/],
    [['uploads', '--state', 'done'], /Allowed choices are created, /],
    [['uploads', 'list', `c${'0'.repeat(31)}`], /"list" takes no ID/],
    [['uploads', 'show'], /No upload given/],
    [['uploads', 'release', 'c0'], /This is not the ID of an upload/],
    [['invite'], "error: required option '--for <text>' not specified\n"],
    [['invite', '--for', 'a', '--expires', '4m'], /Use a time from 5m to 60d, such as 15m, 2h, or 7d\.\n$/],
    [['invite', '--for', 'a', '--files', '21'], /Use a whole number from 1 to 20\.\n$/],
    [['invite', '--for', 'a', '--max-size', '1GiB'], /Use a size such as 500KB, 20MB, or 1GB\.\n$/],
    [['invite', '--for', 'a', '--types', 'pdf,nonsense'], /Use media types or file extensions/],
    [['invites', 'list', `e${'0'.repeat(31)}`], /"list" takes no ID/],
    [['invites', 'show'], /No upload link given/],
    [['invites', 'revoke', 'e0'], /This is not the ID of an upload link/],
    [['invites', 'extend', `e${'0'.repeat(31)}`], /No time given\.\nSay how much longer/],
    [['invites', 'show', `e${'0'.repeat(31)}`, '--by', '3d'], /--by can only be used with "extend"/],
    [['issue', 'gated/a'], 'error: Leave out gated/: the name of the file is a.\n'],
    [['revoke'], /No links given/],
    [['revoke', '0'.repeat(32), '--asset', 'a'], /not both/],
    [['watch', '--since', '2d'], /Use a time up to 1d, such as 30s, 15m, or 2h\.\n$/],
    [['watch', '--event', 'opend'], /Allowed choices are issued, /],
    [['watch', '--link', 'x'], /neither a link nor the ID of a link/],
    [['show', 'x'], /neither a link nor the ID of a link/],
    [['offer', 'a', 'b', '--as', 'c'], /--as gives several files the same name/],
    [['offer', 'x/a', 'y/a'], 'error: Two of these files would be offered as a.\n'],
    [['assets', '--local', '--stack', 'x'], /no stack, region, or profile/],
  ] as const)('tvm %j', async (args, message) => {
    const { status, stdout, stderr } = await runHere(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('tvm without a command prints the help', async () => {
    const { status, stderr } = await runHere([]);
    expect(status).toBe(2);
    expect(stderr).toContain('Usage: tvm [options] <command>');
  });
});

test('tvm --version prints the version', async () => {
  const { status, stdout } = await runHere(['--version']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('every ending has its own exit code', () => {
  const statuses = Object.values(EXIT_CODES).map(({ status }) => status);
  expect(new Set(statuses).size).toBe(statuses.length);
});

test('on a bug, tvm prints the stack trace and exits with 70', async () => {
  const { io, stderr } = fakeIo('pipe');
  io.stdout.write = () => {
    throw new TypeError('a defect');
  };
  expect(await runProgram(['--version'], io)).toBe(70);
  expect(stderr()).toMatch(/^TypeError: a defect\n {4}at /);
});
