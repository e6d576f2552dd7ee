import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Html, html, render } from '../../../lambda/views/html.ts';
import { resolveReferences } from './reading.ts';

/** Any text, with the characters that matter to HTML much more often than chance would have them. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '"',
        "'",
        '&',
        '=',
        '`',
        '/',
        '-->',
        ']]>',
        '</p>',
        '&lt;',
        '&#39;',
        '\0',
        '\u202e',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('a value in a template', () => {
  test('cannot end the text or the attribute that it stands in, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const written = render(html`${value}`);
        expect(written).not.toMatch(/[<>"']/);
        expect(written).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
      { numRuns: 1000 },
    );
  });

  test('is read back as exactly what went in', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(resolveReferences(render(html`${value}`))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  test('leaves the template around it as it is', () => {
    fc.assert(
      fc.property(anyText, anyText, (title, text) => {
        const written = render(html`<p title="${title}">${text}</p>`);
        const [, attribute, content] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(written) ?? [];
        expect([attribute, content].map((part) => resolveReferences(part ?? 'lost'))).toEqual([title, text]);
      }),
      { numRuns: 500 },
    );
  });

  test('is written once only when it is markup, alone or in a list', () => {
    const items = ['<a>', '&'].map((name) => html`<li>${name}</li>`);
    expect(render(html`<ul>${items}</ul>${html`<br>`}`)).toBe(
      '<ul><li>&lt;a&gt;</li><li>&amp;</li></ul><br>',
    );
  });

  test('may be a number, and is nothing when it is undefined', () => {
    expect(render(html`${1.5}|${undefined}|${[]}|${['<', 2]}`)).toBe('1.5|||&lt;2');
  });
});

describe('markup', () => {
  test('cannot be forged by an object that looks like it', () => {
    const forged: unknown = JSON.parse('{"html":"<script>","text":"<script>","toString":"x"}');
    expect(() => render(html`${forged as Html}`)).toThrow(TypeError);
  });

  test.each([
    ['a bare value', () => html`<a href=${'x'}>`],
    ['a bare value after a space', () => html`<a href= ${'x'}>`],
    ['a bare value after a value', () => html`<a title="${'t'}" href=${'x'}>`],
  ])('refuses %s in an attribute, where escaping could not help', (_case, write) => {
    expect(write).toThrow('must stand in quotes');
  });

  test('may show an equals sign that came from outside before another value', () => {
    expect(render(html`<p>${'a='}${'b'}</p>`)).toBe('<p>a=b</p>');
  });
});
