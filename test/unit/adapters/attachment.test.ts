import { describe, expect, test } from '@jest/globals';
import { parse as parseDisposition } from 'content-disposition';
import { dispositionOf } from '../../../lambda/adapters/attachment.ts';

const savedAs = (fileName: string) => parseDisposition(dispositionOf(fileName)).parameters.filename ?? '';
const endingOf = (fileName: string) => fileName.slice(fileName.lastIndexOf('.'));

describe('the name that a browser saves a file under', () => {
  test.each(['report.pdf', 'archive.tar.gz', `${'a'.repeat(196)}.pdf`])(
    'is the name of the file if that is short enough (%s)',
    (fileName) => {
      expect(savedAs(fileName)).toBe(fileName);
    },
  );

  test.each([
    ['.npmrc', 'npmrc'],
    ['..env.local', 'env.local'],
    ['.pdf', 'pdf'],
    ['...', 'file'],
    [`.${'a'.repeat(250)}.pdf`, `${'a'.repeat(196)}.pdf`],
  ])(
    'does not begin with a dot, so that a program does not read the file as its settings (%s)',
    (fileName, name) => {
      expect(savedAs(fileName)).toBe(name);
    },
  );

  test('keeps the extension of a long name', () => {
    expect(savedAs(`${'a'.repeat(250)}.pdf`)).toBe(`${'a'.repeat(196)}.pdf`);
  });

  test.each([
    ['.hta', ' signed.pdf (final version)'],
    ['.exe', '-document-of-the-archive'],
  ])('does not end with %s if the long name of the file goes on', (ending, rest) => {
    for (let length = 180; length <= 200; length += 1) {
      const saved = savedAs(`${'a'.repeat(length)}${ending}${rest}`);
      expect(saved.length).toBeLessThanOrEqual(200);
      expect(endingOf(saved)).not.toBe(ending);
    }
  });
});
