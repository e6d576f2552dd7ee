import { describe, expect, test } from '@jest/globals';
import { confirm } from '../../../tvm/confirm.ts';
import { fakeIo, type Setting } from '../../support/in-process.ts';

function ask(setting: Setting, consent: 'yes' | 'ask' = 'ask') {
  const fake = fakeIo(setting);
  const asked = confirm(fake.io, 'Delete it?\u001b[2J', consent);
  return { ...fake, asked };
}

describe('confirm', () => {
  test.each(['y', 'Y', 'yes', ' YES '])('treats "%s" as a yes', async (response) => {
    const { asked, stdin, stderr } = ask('terminal');
    stdin.write(`${response}\n`);
    await asked;
    expect(stderr()).toContain('Delete it?\\u{1b}[2J [y/N] ');
  });

  test.each(['', 'n', 'yep', 'no', 'y es'])('treats "%s" as a no', async (response) => {
    const { asked, stdin } = ask('terminal');
    stdin.write(`${response}\n`);
    await expect(asked).rejects.toMatchObject({ ending: 'no', message: 'Nothing was changed.' });
  });

  test('treats the end of input as a no', async () => {
    const { asked, stdin } = ask('terminal');
    stdin.end();
    await expect(asked).rejects.toMatchObject({ ending: 'interrupted' });
  });

  test('treats Ctrl-C as a no', async () => {
    const { asked, stdin } = ask('terminal');
    stdin.write('\u0003');
    await expect(asked).rejects.toMatchObject({ ending: 'interrupted', message: 'Nothing was changed.' });
  });

  test('stops waiting when the signal is aborted', async () => {
    const { asked, stop } = ask('terminal');
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('refuses without a terminal', async () => {
    const { asked, stderr, stdout } = ask('pipe');
    await expect(asked).rejects.toMatchObject({ ending: 'usage', hint: 'Add --yes to go ahead.' });
    expect([stdout(), stderr()]).toEqual(['', '']);
  });

  test('names the option to use if it is not --yes', async () => {
    const { io } = fakeIo('pipe');
    await expect(confirm(io, 'Follow it?', 'ask', '--follow-links')).rejects.toMatchObject({
      hint: 'Add --follow-links to go ahead.',
    });
  });

  test.each(['terminal', 'pipe'] as const)('does not ask with --yes (%s)', async (setting) => {
    const { asked, stderr } = ask(setting, 'yes');
    await asked;
    expect(stderr()).toBe('');
  });
});
