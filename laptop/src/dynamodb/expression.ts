/** Attribute names by placeholder, such as `#status`. */
export type AttributeNames = Readonly<Record<string, string>>;

const TOKEN = /[#:]?\w+|[<>]=|\S/g;

/** Reserved words. An expression can refer to an attribute with such a name only through a placeholder. */
const KEYWORDS: ReadonlySet<string> = new Set(['ADD', 'AND', 'BETWEEN', 'DELETE', 'IN', 'NOT', 'OR', 'SET']);

/**
 * Returns the top-level attributes in an expression, such as `a` for `a.b[0]`. It recognizes keywords but does not
 * parse the grammar. For an invalid expression, it returns too many attributes rather than too few.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html
 */
export function attributesIn(expression: string, names: AttributeNames): readonly string[] {
  const tokens = tokensOf(expression);
  return tokens.flatMap((token, index) => {
    const named = /^[#A-Za-z_]/.test(token) && tokens[index - 1] !== '.' && tokens[index + 1] !== '(';
    return named && !isKeyword(token, tokens[index - 1]) ? [resolve(token, names)] : [];
  });
}

/** Returns the placeholders that a key condition compares for equality with an attribute, on either side of the `=`. */
export function valuesEqualTo(
  attribute: string,
  expression: string,
  names: AttributeNames,
): readonly string[] {
  const tokens = tokensOf(expression).filter((token) => token !== '(' && token !== ')');
  return tokens.flatMap((token, index) => {
    if (token !== '=') return [];
    const [left = '', right = ''] = [tokens[index - 1], tokens[index + 1]];
    if (resolve(left, names) === attribute) return [right];
    return resolve(right, names) === attribute ? [left] : [];
  });
}

const tokensOf = (expression: string): readonly string[] => expression.match(TOKEN) ?? [];

const resolve = (token: string, names: AttributeNames): string =>
  (Object.hasOwn(names, token) ? names[token] : undefined) ?? token;

/**
 * Returns whether a token is a keyword. `REMOVE` is not reserved: it is a keyword only where a clause can begin, at the
 * start or after an operand.
 */
function isKeyword(token: string, before: string | undefined): boolean {
  const word = token.toUpperCase();
  if (word !== 'REMOVE') return KEYWORDS.has(word);
  if (before === undefined) return true;
  return /[\w\])]$/.test(before) && !KEYWORDS.has(before.toUpperCase()) && before.toUpperCase() !== 'REMOVE';
}
