import { ExpressionReader, isSet, type Operand, type Placeholders, type Row } from './expression-reader.ts';

/**
 * Parses an update: `SET` with values or with sums or differences of numbers, or else `ADD` or `DELETE` with members of
 * a set (Amazon DynamoDB Developer Guide, "Update expressions").
 *
 * @throws Error for anything else
 */
export function readUpdate(
  expression: string,
  placeholders: Placeholders,
): {
  readonly apply: (row: Row) => Row;
  readonly used: ReadonlySet<string>;
  readonly changed: readonly string[];
} {
  const reader = new ExpressionReader(expression, placeholders);
  if (reader.takeIf('ADD')) return ofSet(reader, (set, members) => [...set, ...members]);
  if (reader.takeIf('DELETE'))
    return ofSet(reader, (set, members) => [...set].filter((each) => !members.has(each)));
  reader.expect('SET');
  const assignments: [string, Operand][] = [];
  do {
    const name = reader.attribute();
    reader.expect('=');
    assignments.push([name, sum(reader)]);
  } while (reader.takeIf(','));
  return {
    used: reader.finish(),
    changed: assignments.map(([name]) => name),
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
    if (typeof one !== 'number' || typeof other !== 'number') throw new Error('Only numbers can be added');
    return one + sign * other;
  };
}

/** Changes the members of a set. Like DynamoDB, it removes an attribute whose set becomes empty. */
function ofSet(
  reader: ExpressionReader,
  change: (set: ReadonlySet<unknown>, members: ReadonlySet<unknown>) => readonly unknown[],
): ReturnType<typeof readUpdate> {
  const name = reader.attribute();
  const members = reader.operand();
  return {
    used: reader.finish(),
    changed: [name],
    apply: (row) => {
      const { [name]: before = new Set(), ...rest } = row;
      const given = members(row);
      if (!isSet(before) || !isSet(given)) throw new Error('ADD and DELETE support only sets');
      const after = new Set(change(before, given));
      return after.size === 0 ? rest : { ...rest, [name]: after };
    },
  };
}
