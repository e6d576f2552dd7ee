import { describe, expect, test } from '@jest/globals';
import { confirm } from '../../../tvm/confirm.ts';
import { fakeIo, type Setting } from '../../support/in-process.ts';

function ask(setting: Setting, consent: 'yes' | 'ask' = 'ask') {
  const fake = fakeIo(setting);
  const asked = confirm(fake.io, 'Delete it?\u001b[2J', consent);
  return { ...fake, asked };
}

describe('Before what cannot be undone', () => {
  test.each(['y', 'Y', 'yes', ' YES '])('"%s" is a yes', async (answer) => {
    const { asked, stdin, stderr } = ask('terminal');
    stdin.write(`${answer}\n`);
    await asked;
    expect(stderr()).toContain('Delete it?\\u{1b}[2J [y/N] ');
  });

  test.each(['', 'n', 'yep', 'no', 'y es'])('"%s" is none', async (answer) => {
    const { asked, stdin } = ask('terminal');
    stdin.write(`${answer}\n`);
    await expect(asked).rejects.toMatchObject({ ending: 'no', message: 'Nothing was changed.' });
  });

  test('the end of input is no yes', async () => {
    const { asked, stdin } = ask('terminal');
    stdin.end();
    await expect(asked).rejects.toMatchObject({ ending: 'interrupted' });
  });

  test('Ctrl-C at the question changes nothing', async () => {
    const { asked, stdin } = ask('terminal');
    stdin.write('\u0003');
    await expect(asked).rejects.toMatchObject({ ending: 'interrupted', message: 'Nothing was changed.' });
  });

  test('a signal while it waits ends the waiting', async () => {
    const { asked, stop } = ask('terminal');
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('nobody is asked when nobody is there, and then it is not done', async () => {
    const { asked, stderr, stdout } = ask('pipe');
    await expect(asked).rejects.toMatchObject({ ending: 'usage', hint: 'Add --yes to go ahead.' });
    expect([stdout(), stderr()]).toEqual(['', '']);
  });

  test('an option of its own is named where nobody is there to be asked', async () => {
    const { io } = fakeIo('pipe');
    await expect(confirm(io, 'Follow it?', 'ask', '--follow-links')).rejects.toMatchObject({
      hint: 'Add --follow-links to go ahead.',
    });
  });

  test.each(['terminal', 'pipe'] as const)('--yes is a yes, and nothing is asked (%s)', async (setting) => {
    const { asked, stderr } = ask(setting, 'yes');
    await asked;
    expect(stderr()).toBe('');
  });
});
