import { describe, expect, test } from '@jest/globals';
import { everyPageIn, origin, themes, token } from './examples.ts';
import { forms, links, tags, textOf } from './reading.ts';

const pages = themes.flatMap(([name, theme]) =>
  everyPageIn(theme).map(([page, markup]) => [name, page, markup, theme] as const),
);

describe.each(pages)('in %s, the page "%s"', (_name, _page, page, { messages, brand }) => {
  test('the page is a complete document with a language and a title', () => {
    expect(page.startsWith('<!doctype html>\n')).toBe(true);
    expect(tags(page, 'html')).toEqual([{ lang: messages.lang, 'data-locale': messages.locale }]);
    expect(page.trimEnd().endsWith('</html>')).toBe(true);
    expect(page).toMatch(/<title>[^<]+<\/title>/);
    expect(tags(page, 'meta')[0]).toEqual({ charset: 'utf-8' });
  });

  test('the page has one h1 heading and one of each landmark', () => {
    for (const name of ['h1', 'header', 'main', 'footer']) expect(tags(page, name)).toHaveLength(1);
  });

  test('the page is not indexed, sends no referrer, fits phones, and follows the color scheme', () => {
    const metas = Object.fromEntries(tags(page, 'meta').map(({ name, content }) => [name, content]));
    expect(metas).toMatchObject({
      robots: 'noindex',
      referrer: 'no-referrer',
      viewport: 'width=device-width, initial-scale=1',
      'color-scheme': 'light dark',
    });
  });

  test('the page runs only our script, frames nothing, and does nothing before a button is pressed', () => {
    expect(tags(page, 'script')).toEqual([{}]);
    expect(page).not.toMatch(/<(?:iframe|object|embed|base|template)\b/i);
    expect(page).not.toMatch(/\son\w+=/i);
    expect(page).not.toMatch(/javascript:|http-equiv|<body [^>]|\.submit\(|\.click\(/i);
    // Only a text field may have the focus: a focused button could be pressed by accident.
    const focused = page.match(/<[^>]*\sautofocus\b[^>]*>/g) ?? [];
    expect(focused.filter((tag) => !/^<input id="(?:email|code)"/.test(tag))).toEqual([]);
  });

  test('the page loads nothing but images in data URLs', () => {
    expect(page).not.toMatch(/\s(?:srcset|poster|background|ping)=|\ssrc="(?!data:image\/)/i);
    expect(tags(page, 'link').map(({ rel, href }) => [rel, href?.slice(0, 19)])).toEqual([
      ['icon', 'data:image/svg+xml,'],
    ]);
  });

  test('the page has no style attribute, because its policy would block it', () => {
    expect(page).not.toMatch(/\sstyle=/);
  });

  test('the page links only to this service, the support address, and the imprint', () => {
    const external = [`mailto:${brand.supportAddress}`, brand.imprint];
    const targets = [
      ...links(page).map(({ href }) => href),
      ...forms(page).map(({ action }) => action ?? ''),
    ];
    const away = targets.filter((target) => !target.startsWith(`${origin}/`));
    expect(away).toEqual(brand.imprint === undefined ? [] : external);
  });

  test('every visible field of the page has a label', () => {
    const labeled = new Set(tags(page, 'label').map((label) => label.for));
    for (const { type, id } of tags(page, 'input')) {
      if (type !== 'hidden') expect(labeled).toContain(id);
    }
  });

  test('the page contains the token only in hidden fields of forms', () => {
    const hidden = tags(page, 'input').filter(({ type, value }) => type === 'hidden' && value === token);
    expect(page.split(token)).toHaveLength(hidden.length + 1);
  });

  test('the page has text, and every form has a button', () => {
    for (const { button } of forms(page)) expect(button).not.toBe('');
    expect(textOf(page).length).toBeGreaterThan(100);
    expect(textOf(page)).not.toMatch(/undefined|\[object|NaN/);
  });

  test('the page is smaller than 14 KiB, even with the largest logo and the longest file name', () => {
    const largestLogo = 4_000;
    const { logo = '' } = brand;
    expect(Buffer.byteLength(page) - logo.length + largestLogo).toBeLessThan(14 * 1024);
  });
});
