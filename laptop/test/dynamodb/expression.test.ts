import { describe, expect, test } from '@jest/globals';
import { attributesIn, valuesEqualTo } from '../../src/dynamodb/expression.ts';

describe('attributesIn', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['Name, Address.City', {}, ['Name', 'Address']],
    ['a[0].b, #c.#d[12], e . f', { '#c': 'c', '#d': 'd' }, ['a', 'c', 'e']],
    ['attribute_not_exists(tokenId) OR removeAt <= :now', {}, ['tokenId', 'removeAt']],
    ['NOT (a = :a AND size (b) BETWEEN :x AND c) or d in (:d, e)', {}, ['a', 'b', 'c', 'd', 'e']],
    ['begins_with(#n, :prefix)', { '#n': 'SET' }, ['SET']],
    ['SET a = :a, #b = if_not_exists(c, :c) + d', { '#b': 'x.y' }, ['a', 'x.y', 'c', 'd']],
    ['set a=b-:c remove d[1], e ADD f :f delete g :g', {}, ['a', 'b', 'd', 'e', 'f', 'g']],
    ['SET remove = :a, b = remove', {}, ['remove', 'b', 'remove']],
    ['REMOVE remove', {}, ['remove']],
    ['ADD remove :a', {}, ['remove']],
    ['#0 = :a and _b = :b', { '#0': 'zero' }, ['zero', '_b']],
    ['', {}, []],
  ])('finds the attributes in "%s"', (expression, names, attributes) => {
    expect(attributesIn(expression, names)).toEqual(attributes);
  });

  test('returns a placeholder unchanged if no name is defined for it', () => {
    expect(attributesIn('#a = :b', {})).toEqual(['#a']);
    expect(attributesIn('toString = :b', {})).toEqual(['toString']);
  });

  test('returns too many attributes rather than too few for an invalid expression', () => {
    expect(attributesIn('SET a == "b"; DROP c', {})).toEqual(['a', 'b', 'DROP', 'c']);
  });
});

describe('valuesEqualTo', () => {
  test.each<[string, string[]]>([
    ['tokenId = :v', [':v']],
    [':v=#t AND begins_with(timeEvent, :p)', [':v']],
    ['begins_with(timeEvent, :p) AND (tokenId = :v)', [':v']],
    ['timeEvent BETWEEN :a AND :b AND tokenId = :v', [':v']],
    ['tokenId <= :v AND timeEvent = :p', []],
    [':v >= tokenId', []],
    ['tokenId = :v AND tokenId = :w', [':v', ':w']],
  ])('returns the placeholders that tokenId must equal in "%s"', (expression, values) => {
    expect(valuesEqualTo('tokenId', expression, { '#t': 'tokenId' })).toEqual(values);
  });
});
