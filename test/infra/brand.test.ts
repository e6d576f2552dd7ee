import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { parseBrand } from '../../lambda/environment/brand.ts';
import { brandOf } from '../../lib/brand.ts';
import { Bundles } from '../../lib/constructs/bundle.ts';
import { readConfig } from '../../lib/read-config.ts';
import { problemsOf } from './config-problems.ts';
import { inFolder } from './template.ts';

const LOGO = `data:image/png;base64,${'A'.repeat(1000)}`;

describe('the brand options', () => {
  test('reach the functions, with the name trimmed and the color in lower case', () => {
    const config = readConfig({
      brandName: '  Søren & Töchter ',
      brandAccent: '#0A66C2',
      brandLogo: LOGO,
      supportEmail: 'help@example.org',
      imprintUrl: 'https://www.example.org/imprint?a=1&b=2',
    });
    expect(parseBrand(JSON.stringify(brandOf(config)))).toEqual({
      name: 'Søren & Töchter',
      accent: '#0a66c2',
      logo: LOGO,
      supportAddress: 'help@example.org',
      imprint: 'https://www.example.org/imprint?a=1&b=2',
    });
  });

  test('are all optional', () => {
    expect(brandOf(readConfig({}))).toEqual({});
    expect(parseBrand('{}')).toEqual({});
    expect(parseBrand(undefined)).toEqual({});
  });

  test.each([
    ['brandName', ''],
    ['brandName', ' '],
    ['brandName', 'x'.repeat(61)],
    ['brandName', 'two\nlines'],
    ['brandName', 'gnp.\u202efdp'],
    ['brandName', '\u3164'],
    ['brandName', 7],
    ['brandAccent', 'red'],
    ['brandAccent', '#fff'],
    ['brandAccent', '#12345g'],
    ['brandAccent', '#123456;}'],
    ['brandLogo', 'https://www.example.org/logo.png'],
    ['brandLogo', 'data:text/html,<b>'],
    ['brandLogo', 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['brandLogo', `data:image/png;base64,${'A'.repeat(4000)}`],
    ['supportEmail', 'help'],
    ['imprintUrl', 'http://www.example.org/imprint'],
    ['imprintUrl', 'javascript:alert(1)'],
    ['imprintUrl', `https://www.example.org/${'x'.repeat(300)}`],
  ])('reject %s=%j and name the option', (option, value) => {
    const problems = problemsOf({ [option]: value });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem.startsWith(`${option}: must be `)).toBe(true);
  });

  test.each([
    'data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E',
    'data:image/svg+xml;charset=utf-8;base64,PHN2Zy8+',
    'data:image/webp;base64,UklGRg==',
  ])('accept the logo %s', (brandLogo) => {
    expect(problemsOf({ brandLogo })).toEqual([]);
  });
});

describe('a bundle', () => {
  const codeOf = (name: 'pages' | 'links', brand = { name: 'Acme & Söhne', logo: LOGO }, folder?: string) =>
    inFolder((outdir) => {
      const app = new App({ outdir, analyticsReporting: false });
      const stack = new Stack(app, 'Small');
      const code = new Bundles([name], brand, folder).code(stack, name);
      new LambdaFunction(stack, 'Function', { code, handler: 'index.handler', runtime: Runtime.NODEJS_24_X });
      const asset = readdirSync(outdir).find((entry) => entry.startsWith('asset.')) ?? 'no asset';
      return readFileSync(join(outdir, asset, 'index.mjs'), 'utf8');
    });

  test('of a function that shows the brand contains it, and reads no environment variable for it', () => {
    const code = codeOf('pages');
    expect(code).toContain(LOGO);
    expect(code).not.toContain('TVM_BRAND');
  });

  test('of a function without pages or e-mails does not contain the brand', () => {
    expect(codeOf('links')).not.toContain(LOGO);
  });

  test('is cached only for later syntheses with the same brand', () => {
    inFolder((folder) => {
      const [ours, theirs] = ['Acme & Söhne', 'Others'].map((name) => ({ name, logo: LOGO }));
      const built = codeOf('pages', ours, folder);
      const [kept = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
        path.endsWith('.mjs'),
      );
      writeFileSync(join(folder, kept), `${built}// kept`);
      expect(codeOf('pages', ours, folder)).toBe(`${built}// kept`);
      expect(codeOf('pages', theirs, folder)).not.toContain('// kept');
    });
  });
});

describe('a function', () => {
  test.each([
    '{"name":""}',
    '{"accent":"red"}',
    '{"logo":"https://example.org/x.png"}',
    '{"colour":"#123456"}',
    'null',
    '{',
  ])('does not start if the brand is %s', (json) => {
    expect(() => parseBrand(json)).toThrow();
  });
});
