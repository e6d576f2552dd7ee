import { describe, expect, test } from '@jest/globals';
import { localizedTheme } from '../../../lambda/views/localized-theme.ts';
import { composeMail } from '../../../lambda/views/mail.ts';
import { reportedPage } from '../../../lambda/views/reported-page.ts';
import { brand, now, origin, recordOf } from './examples.ts';
import { links, tags, textOf } from './reading.ts';

const page = (own = brand) => reportedPage({ origin }, localizedTheme('en', own));
const mail = (own = brand) =>
  composeMail({ record: recordOf('report.pdf'), url: `${origin}/redeem`, now }, localizedTheme('en', own));

describe('a brand on a page', () => {
  test("the brand's name is in the page's header and title", () => {
    expect(page()).toContain(`– ${brand.name}</title>`);
    expect(page()).toContain(`<p>${brand.name}</p></header>`);
    expect(page()).not.toContain('One-time download');
  });

  test('the logo is a decorative image and replaces our icon', () => {
    expect(tags(page(), 'img')).toEqual([{ src: brand.logo, alt: '' }]);
    expect(/<header>([\s\S]*)<\/header>/.exec(page())?.[1]).not.toContain('<svg');
  });

  test('a branded page names the support address and links to the imprint', () => {
    expect(textOf(page())).toContain('Questions? Write to support@example.org');
    expect(links(page()).slice(-2)).toEqual([
      { href: 'mailto:support@example.org', words: 'support@example.org' },
      { href: brand.imprint, words: 'Legal notice' },
    ]);
  });

  test('a page shows only the configured parts of a brand', () => {
    const plain = page({});
    expect(plain).not.toMatch(/<img|mailto:|Legal notice|Questions\?/);
    expect(page({ imprint: 'https://example.org/' })).not.toContain('mailto:');
    expect(page({ supportAddress: 'help@example.org' })).not.toContain('Legal notice');
  });

  test("a brand's name and support address cannot add markup", () => {
    const hostile = { ...brand, name: '<b>"\'&', supportAddress: '"><script>@example.org' };
    expect(tags(page(hostile), 'b')).toEqual([]);
    expect(tags(page(hostile), 'script')).toHaveLength(1);
  });
});

describe('a brand in an e-mail', () => {
  test('both parts of an e-mail are signed with name, support address, and imprint', () => {
    for (const text of [textOf(mail().html), mail().text.replace(/\s+/g, ' ')]) {
      expect(text).toContain(brand.name);
      expect(text).toContain('Questions? Write to support@example.org');
      expect(text).toContain('Legal notice https://www.example.org/imprint');
    }
  });

  test('an e-mail has the standard signature separator and a button in the color of the brand', () => {
    expect(mail().text).toContain(`\n-- \n${brand.name}\n`);
    expect(mail().html).toMatch(/background-color:#(?!0a6650)[0-9a-f]{6}/);
  });

  test('a branded e-mail loads no image', () => {
    expect(mail().html).not.toMatch(/<img|data:/);
  });

  test('an e-mail has no signature if the brand has only an accent', () => {
    expect(mail({ accent: '#336699' }).text).not.toContain('-- ');
  });
});
