import { ExpressionReader, type Operand, type Placeholders, type Row } from './expression-reader.ts';

/**
 * Parses an update: `SET` of values, and of sums and differences of numbers (Amazon DynamoDB Developer Guide, "Update
 * expressions").
 *
 * @throws Error for anything else
 */
export function readUpdate(
  expression: string,
  placeholders: Placeholders,
): { readonly apply: (row: Row) => Row; readonly used: ReadonlySet<string> } {
  const reader = new ExpressionReader(expression, placeholders);
  reader.expect('SET');
  const assignments: [string, Operand][] = [];
  do {
    const name = reader.attribute();
    reader.expect('=');
    assignments.push([name, sum(reader)]);
  } while (reader.takeIf(','));
  return {
    used: reader.finish(),
    apply: (row) => ({
      ...row,
      ...Object.fromEntries(assignments.map(([name, value]) => [name, value(row)])),
    }),
  };
}

function sum(reader: ExpressionReader): Operand {
  const left = reader.operand();
  if (reader.takeIf('+')) return numbers(left, reader.operand(), 1);
  if (reader.takeIf('-')) return numbers(left, reader.operand(), -1);
  return left;
}

function numbers(left: Operand, right: Operand, sign: 1 | -1): Operand {
  return (row) => {
    const [one, other] = [left(row), right(row)];
    if (typeof one !== 'number' || typeof other !== 'number') throw new Error('only numbers can be added');
    return one + sign * other;
  };
}
