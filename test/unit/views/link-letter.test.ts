import { describe, expect, test } from '@jest/globals';
import type { LinkLetter } from '../../../lambda/domain/upload-links/deliver-link-mail.ts';
import { composeLetter } from '../../../lambda/views/link-letter.ts';
import { createLinkWorld, invited, sentFile } from '../../support/memory-link-world.ts';
import { email } from '../../support/values.ts';
import { themes } from './examples.ts';

const addressOf = (token: string) => `https://page.test/upload?token=${token}`;

async function letter(mail: LinkLetter['content']['mail'], purpose = 'signed contract'): Promise<LinkLetter> {
  const world = createLinkWorld();
  const { link, token } = await invited(world, { purpose });
  const sent = await sentFile(world, token);
  const files = [
    { ...sent, state: 'published', fileName: 'good.pdf' } as const,
    { ...sent, state: 'rejected', fileName: 'bad.pdf' } as const,
  ];
  const content = mail === 'invite' ? { mail, token } : { mail, files };
  return { to: email('ada@example.org'), link, content };
}

describe.each(themes)('e-mails about upload links (%s)', (_name, theme) => {
  test('the invitation states the purpose and the expiry, and has the link in both parts', async () => {
    const mail = composeLetter(await letter('invite'), addressOf, theme);
    expect(mail.to).toBe('ada@example.org');
    expect(mail.subject).toContain('signed contract');
    expect(mail.subject).not.toContain('tvu_');
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain('signed contract');
      expect(part).toMatch(/https:\/\/page\.test\/upload\?token=tvu_/);
      expect(part).toContain('2031');
    }
  });

  test.each(['received', 'arrived', 'outcome'] as const)(
    'the e-mail "%s" names the files and contains no token',
    async (kind) => {
      const mail = composeLetter(await letter(kind), addressOf, theme);
      expect(JSON.stringify(mail)).not.toMatch(/tvu_|page\.test/);
      for (const part of [mail.text, mail.html]) {
        expect(part).toContain('good.pdf');
        expect(part.includes('bad.pdf')).toBe(kind === 'outcome');
      }
    },
  );

  test('a purpose can add neither a line to the subject nor markup to the text', async () => {
    const mail = composeLetter(await letter('invite', `<b>\n${'x'.repeat(190)}`), addressOf, theme);
    expect(mail.subject.length).toBeLessThan(180);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html).not.toContain('<b>');
  });
});
