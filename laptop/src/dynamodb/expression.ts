/** What the placeholders of an expression stand for that begin with `#`. */
export type AttributeNames = Readonly<Record<string, string>>;

const TOKEN = /[#:]?\w+|[<>]=|\S/g;

/** Reserved words: an attribute of such a name can be written only with a placeholder. */
const KEYWORDS: ReadonlySet<string> = new Set(['ADD', 'AND', 'BETWEEN', 'DELETE', 'IN', 'NOT', 'OR', 'SET']);

/**
 * Lists the top-level attributes that an expression names, such as `a` for `a.b[0]`. It knows the words of the
 * language but not its grammar: of an expression that DynamoDB would refuse, it lists too much rather than too little.
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

/** Lists the placeholders of the values that a key condition wants an attribute to equal, whichever side it is on. */
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

/** `REMOVE` is not reserved: it is a keyword only where a section can begin, at the start or after an operand. */
function isKeyword(token: string, before: string | undefined): boolean {
  const word = token.toUpperCase();
  if (word !== 'REMOVE') return KEYWORDS.has(word);
  if (before === undefined) return true;
  return /[\w\])]$/.test(before) && !KEYWORDS.has(before.toUpperCase()) && before.toUpperCase() !== 'REMOVE';
}
