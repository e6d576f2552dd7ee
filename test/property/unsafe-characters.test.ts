import { describe, expect, test } from '@jest/globals';
import { escapeControls } from '../../cli/tvm/escape-controls.ts';
import { parseAssetName } from '../../lambda/domain/asset-name.ts';
import { UNSAFE_CHARACTERS } from '../../lambda/domain/unsafe-characters.ts';
import { deliveriesOf, linkRequest } from '../../lambda/http/link-request.ts';
import { oneLine } from '../../lambda/views/one-line.ts';
import { brandName } from '../../lib/brand-options.ts';

const isUnsafe = new RegExp(`[${UNSAFE_CHARACTERS}]`, 'u');
const every = Array.from({ length: 0x110000 }, (_, codePoint) => String.fromCodePoint(codePoint));
const unsafe = every.filter((character) => isUnsafe.test(character));

/** Returns the number of unsafe characters that a function accepts. */
const accepted = (accepts: (text: string) => boolean) =>
  unsafe.filter((character) => accepts(`a${character}b`)).length;

describe('unsafe characters', () => {
  test('every control character of Unicode’s bidirectional algorithm counts as unsafe', () => {
    const controls = every.filter((character) => /\p{Bidi_Control}/u.test(character));
    expect(controls).toHaveLength(12);
    expect(controls.filter((character) => !isUnsafe.test(character))).toEqual([]);
  });

  test('every invisible character counts as unsafe, except joiners and variation selectors', () => {
    const invisible = every.filter((character) =>
      /^(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/u.test(character),
    );
    expect(invisible.filter((character) => !isUnsafe.test(character))).toEqual(['\u200c', '\u200d']);
  });

  test('a file name contains no unsafe character', () => {
    expect(accepted((text) => parseAssetName(text) !== undefined)).toBe(0);
  });

  test('the note of a link contains no unsafe character', () => {
    const request = linkRequest(deliveriesOf(undefined));
    expect(accepted((note) => request.safeParse({ asset: 'a', note }).success)).toBe(0);
  });

  test('a brand name contains no unsafe character', () => {
    expect(accepted((name) => brandName.safeParse(name).success)).toBe(0);
  });

  test('no unsafe character reaches the subject or a header of an e-mail', () => {
    expect(accepted((text) => isUnsafe.test(oneLine(text)))).toBe(0);
  });

  test('no unsafe character reaches the terminal', () => {
    expect(accepted((text) => isUnsafe.test(escapeControls(text)))).toBe(0);
  });
});
