import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Html, html, render } from '../../../lambda/views/html.ts';
import { textRichIn } from '../../support/code-points.ts';
import { resolveReferences } from './reading.ts';

const SPECIAL = '< > " \' & = ` / --> ]]> </p> &lt; &#39; \0 \u202e'.split(' ');
const anyText = textRichIn(SPECIAL);

describe('values in an HTML template', () => {
  test('no value can break out of the text or attribute it is inserted into', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const written = render(html`${value}`);
        expect(written).not.toMatch(/[<>"']/);
        expect(written).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
      { numRuns: 1000 },
    );
  });

  test('every value is parsed back unchanged', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(resolveReferences(render(html`${value}`))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  test('no value changes the template around it', () => {
    fc.assert(
      fc.property(anyText, anyText, (title, text) => {
        const written = render(html`<p title="${title}">${text}</p>`);
        const [, attribute, content] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(written) ?? [];
        expect([attribute, content].map((part) => resolveReferences(part ?? 'lost'))).toEqual([title, text]);
      }),
      { numRuns: 500 },
    );
  });

  test('markup in a template is not escaped again, alone or in a list', () => {
    const items = ['<a>', '&'].map((name) => html`<li>${name}</li>`);
    expect(render(html`<ul>${items}</ul>${html`<br>`}`)).toBe(
      '<ul><li>&lt;a&gt;</li><li>&amp;</li></ul><br>',
    );
  });

  test('a value can be a number, and undefined or an empty list adds nothing', () => {
    expect(render(html`${1.5}|${undefined}|${[]}|${['<', 2]}`)).toBe('1.5|||&lt;2');
  });
});

describe('markup in an HTML template', () => {
  test('an object that looks like markup is rejected', () => {
    const forged: unknown = JSON.parse('{"html":"<script>","text":"<script>","toString":"x"}');
    expect(() => render(html`${forged as Html}`)).toThrow(TypeError);
  });

  test.each([
    ['an unquoted value', () => html`<a href=${'x'}>`],
    ['an unquoted value after a space', () => html`<a href= ${'x'}>`],
    ['an unquoted value after another value', () => html`<a title="${'t'}" href=${'x'}>`],
  ])('a template rejects %s in an attribute, because escaping could not make it safe', (_case, write) => {
    expect(write).toThrow('must be quoted');
  });

  test('a value that ends with an equals sign may precede another value', () => {
    expect(render(html`<p>${'a='}${'b'}</p>`)).toBe('<p>a=b</p>');
  });
});
