import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { english } from '../../../lambda/views/english.ts';
import { mediaKindOf } from '../../../lambda/views/media-kind.ts';

describe('the kind of a media type', () => {
  test.each([
    ['application/pdf', 'pdf'],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'spreadsheet'],
    ['text/csv', 'spreadsheet'],
    ['text/x-python', 'plain-text'],
    ['image/svg+xml', 'image'],
    ['video/mp4', 'video'],
    ['application/ld+json', 'data'],
    ['application/zip', 'archive'],
    ['application/x-msdownload', 'program'],
    ['application/octet-stream', 'other'],
    ['binary/octet-stream', 'other'],
    ['', 'other'],
  ])('the media type "%s" is of the kind "%s"', (type, kind) => {
    expect(mediaKindOf(type)).toBe(kind);
  });

  test('the kind of a media type does not depend on case, spaces, or parameters', () => {
    expect(mediaKindOf(' Text/CSV ; charset=utf-8')).toBe('spreadsheet');
  });

  test('every media type maps to "other" or to a kind that has a label', () => {
    const types = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'constructor',
        '__proto__',
        'text/__proto__',
        'x/toString',
        'application/x+constructor',
      ),
    );
    fc.assert(
      fc.property(types, (type) => {
        const kind = mediaKindOf(type);
        if (kind !== 'other') expect(typeof english.kinds[kind]).toBe('string');
      }),
    );
  });
});
