import { describe, expect, test } from '@jest/globals';
import { everyPageIn, origin, themes, token } from './examples.ts';
import { forms, links, tags, textOf } from './reading.ts';

const pages = themes.flatMap(([name, theme]) =>
  everyPageIn(theme).map(([page, markup]) => [name, page, markup, theme] as const),
);

describe.each(pages)('in %s, the page "%s"', (_name, _page, page, { messages, brand }) => {
  test('is a whole document in a named language, with a title', () => {
    expect(page.startsWith('<!doctype html>\n')).toBe(true);
    expect(tags(page, 'html')).toEqual([{ lang: messages.lang, 'data-locale': messages.locale }]);
    expect(page.trimEnd().endsWith('</html>')).toBe(true);
    expect(page).toMatch(/<title>[^<]+<\/title>/);
    expect(tags(page, 'meta')[0]).toEqual({ charset: 'utf-8' });
  });

  test('has one heading of the first rank and one of each landmark', () => {
    for (const name of ['h1', 'header', 'main', 'footer']) expect(tags(page, name)).toHaveLength(1);
  });

  test('keeps out of indexes, sends no referrer, fits phones and follows the colour scheme', () => {
    const metas = Object.fromEntries(tags(page, 'meta').map(({ name, content }) => [name, content]));
    expect(metas).toMatchObject({
      robots: 'noindex',
      referrer: 'no-referrer',
      viewport: 'width=device-width, initial-scale=1',
      'color-scheme': 'light dark',
    });
  });

  test('runs no script but its own, frames nothing and acts on nothing but a press', () => {
    expect(tags(page, 'script')).toEqual([{}]);
    expect(page).not.toMatch(/<(?:iframe|object|embed|base|template)\b/i);
    expect(page).not.toMatch(/\son\w+=/i);
    expect(page).not.toMatch(/javascript:|http-equiv|<body [^>]|\.submit\(|\.click\(/i);
    // A button that has the keyboard's focus could be pressed by accident.
    const focused = page.match(/<[^>]*\sautofocus\b[^>]*>/g) ?? [];
    expect(focused.filter((tag) => !tag.startsWith('<input id="email"'))).toEqual([]);
  });

  test('loads nothing from anywhere', () => {
    expect(page).not.toMatch(/\s(?:srcset|poster|background|ping)=|\ssrc="(?!data:image\/)/i);
    expect(tags(page, 'link').map(({ rel, href }) => [rel, href?.slice(0, 19)])).toEqual([
      ['icon', 'data:image/svg+xml,'],
    ]);
  });

  test('needs no style attribute, which its policy would ignore', () => {
    expect(page).not.toMatch(/\sstyle=/);
  });

  test('leads nowhere but to this service, to whoever helps and to the imprint', () => {
    const elsewhere = [`mailto:${brand.supportAddress}`, brand.imprint];
    const targets = [
      ...links(page).map(({ href }) => href),
      ...forms(page).map(({ action }) => action ?? ''),
    ];
    const away = targets.filter((target) => !target.startsWith(`${origin}/`));
    expect(away).toEqual(brand.imprint === undefined ? [] : elsewhere);
  });

  test('labels every field that a person fills in', () => {
    const labelled = new Set(tags(page, 'label').map((label) => label.for));
    for (const { type, id } of tags(page, 'input')) {
      if (type !== 'hidden') expect(labelled).toContain(id);
    }
  });

  test('holds the token in hidden fields of forms and nowhere else', () => {
    const hidden = tags(page, 'input').filter(({ type, value }) => type === 'hidden' && value === token);
    expect(page.split(token)).toHaveLength(hidden.length + 1);
  });

  test('has a button in every form, and says something', () => {
    for (const { button } of forms(page)) expect(button).not.toBe('');
    expect(textOf(page).length).toBeGreaterThan(100);
    expect(textOf(page)).not.toMatch(/undefined|\[object|NaN/);
  });

  test('arrives in the first 14 KiB with the largest logo, however long the name of the file is', () => {
    const largestLogo = 4_000;
    const { logo = '' } = brand;
    expect(Buffer.byteLength(page) - logo.length + largestLogo).toBeLessThan(14 * 1024);
  });
});
