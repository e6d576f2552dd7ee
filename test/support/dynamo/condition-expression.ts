import { ExpressionReader, isSet, type Operand, type Placeholders, type Row } from './expression-reader.ts';

/** Returns whether a row meets a condition. A missing row is passed as an empty one. */
export type Condition = (row: Row) => boolean;

type Comparison = (left: unknown, right: unknown) => boolean;

const ordered =
  (holds: (left: number | string, right: number | string) => boolean): Comparison =>
  (left, right) =>
    ((typeof left === 'number' && typeof right === 'number') ||
      (typeof left === 'string' && typeof right === 'string')) &&
    holds(left, right);

/** Comparisons by operator. A comparison with a missing attribute is false. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': (left, right) => left !== undefined && left === right,
  '<': ordered((left, right) => left < right),
  '<=': ordered((left, right) => left <= right),
  '>': ordered((left, right) => left > right),
  '>=': ordered((left, right) => left >= right),
};

/**
 * Parses a condition: `attribute_exists`, `attribute_not_exists`, `contains` and `size` of sets, comparisons of
 * strings and numbers, AND, OR, and parentheses (Amazon DynamoDB Developer Guide, "Condition and filter
 * expressions").
 *
 * @throws Error for anything else
 */
export function readCondition(
  expression: string,
  placeholders: Placeholders,
): { readonly holds: Condition; readonly used: ReadonlySet<string> } {
  const reader = new ExpressionReader(expression, placeholders);
  const holds = disjunction(reader);
  return { holds, used: reader.finish() };
}

function disjunction(reader: ExpressionReader): Condition {
  const terms = [conjunction(reader)];
  while (reader.takeIf('OR')) terms.push(conjunction(reader));
  return (row) => terms.some((term) => term(row));
}

function conjunction(reader: ExpressionReader): Condition {
  const terms = [term(reader)];
  while (reader.takeIf('AND')) terms.push(term(reader));
  return (row) => terms.every((one) => one(row));
}

function term(reader: ExpressionReader): Condition {
  if (reader.takeIf('(')) {
    const inner = disjunction(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.takeIf('attribute_exists')) {
    const name = argument(reader);
    return (row) => row[name] !== undefined;
  }
  if (reader.takeIf('attribute_not_exists')) {
    const name = argument(reader);
    return (row) => row[name] === undefined;
  }
  if (reader.takeIf('contains')) {
    reader.expect('(');
    const name = reader.attribute();
    reader.expect(',');
    const value = reader.operand();
    reader.expect(')');
    return (row) => isSet(row[name]) && row[name].has(value(row));
  }
  if (reader.takeIf('size')) {
    const name = argument(reader);
    return comparison(reader, (row) => (isSet(row[name]) ? row[name].size : undefined));
  }
  return comparison(reader, reader.operand());
}

function argument(reader: ExpressionReader): string {
  reader.expect('(');
  const name = reader.attribute();
  reader.expect(')');
  return name;
}

function comparison(reader: ExpressionReader, left: Operand): Condition {
  const operator = reader.take();
  const compare = COMPARISONS[operator];
  if (compare === undefined) throw new Error(`Unsupported comparison operator: "${operator}"`);
  const right = reader.operand();
  return (row) => compare(left(row), right(row));
}
