import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { LaptopError } from '../laptop-error.ts';
import { writesItems } from './accesses.ts';
import type { StreamedChange } from './table-streams.ts';

/** Executes an operation on the tables. Resolves to undefined if DynamoDB rejects it. */
export type CarryOut = (
  operation: string,
  input: string,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** An ordered file of writes. After a restart, the in-memory tables are restored from it. */
export interface Journal {
  /**
   * Appends a successful write together with its stream records. If the process is killed before it appends the records
   * to the streams, the next start does so. Ignores reads.
   */
  add(operation: string, body: Buffer, changes?: readonly StreamedChange[]): void;
  close(): void;
}

const READ = /^(?:BatchGet|Describe|Get|List|Query|Scan)/;

/**
 * Opens a journal, passes its stream records to `restore`, and replays its writes. Then compacts the journal to the
 * operations on tables and one write per existing item, so that it does not keep every earlier change to an item.
 *
 * @throws LaptopError if replaying a write fails
 */
export async function openJournal(
  path: string,
  carryOut: CarryOut,
  restore: (changes: readonly StreamedChange[]) => void = () => undefined,
): Promise<Journal> {
  if (existsSync(path)) {
    const writes = completeLines(readFileSync(path, 'utf8')).map(parse);
    restore(writes.flatMap(({ changes }) => changes));
    for (const write of writes) {
      if (!(await repeat(write, carryOut)))
        throw new LaptopError(`Cannot restore the tables from ${path}. Start with --fresh to delete them.`);
    }
    const onTables = writes.filter(({ operation }) => !writesItems(operation));
    const items = await allItems(carryOut);
    writeFileAtomically(path, [...onTables, ...items].map(lineOf).join(''));
  }
  const file = openSync(path, 'a', 0o600);
  return {
    add: (operation, body, changes = []) => {
      if (READ.test(operation)) return;
      // JSON can contain line breaks and tabs only between tokens, so replacing them does not change the input.
      const input = body.toString('utf8').replaceAll(/[\r\n\t]/g, ' ');
      writeSync(file, lineOf({ operation, input, changes }));
    },
    close: () => closeSync(file),
  };
}

interface Write {
  readonly operation: string;
  readonly input: string;
  readonly changes: readonly StreamedChange[];
}

const lineOf = ({ operation, input, changes }: Write): string =>
  `${operation} ${input}${changes.length === 0 ? '' : `\t${JSON.stringify(changes)}`}\n`;

const parse = (line: string): Write => {
  const [write = '', changes = '[]'] = line.split('\t');
  const space = write.indexOf(' ');
  return { operation: write.slice(0, space), input: write.slice(space + 1), changes: JSON.parse(changes) };
};

/** Drops the last line if the process was killed while writing it. The caller of that write received no response. */
const completeLines = (text: string): readonly string[] => text.split('\n').slice(0, -1);

/** Replays a write. After an operation on a table, waits until the table is ready. Resolves to whether the write succeeded. */
async function repeat({ operation, input }: Write, carryOut: CarryOut): Promise<boolean> {
  if ((await carryOut(operation, input)) === undefined) return false;
  if (writesItems(operation)) return true;
  let status: string | undefined;
  do {
    const described = await carryOut('DescribeTable', input);
    status = Described.safeParse(described).data?.Table.TableStatus;
  } while (status !== undefined && status !== 'ACTIVE');
  return true;
}

const Described = z.object({ Table: z.object({ TableStatus: z.string() }) });
const Tables = z.object({ TableNames: z.array(z.string()), LastEvaluatedTableName: z.string().optional() });
const Page = z.object({ Items: z.array(z.unknown()), LastEvaluatedKey: z.unknown().optional() });

async function allItems(carryOut: CarryOut): Promise<readonly Write[]> {
  const items: Write[] = [];
  let after: string | undefined;
  do {
    const input = JSON.stringify({ ExclusiveStartTableName: after });
    const { TableNames, LastEvaluatedTableName } = Tables.parse(await carryOut('ListTables', input));
    for (const name of TableNames) items.push(...(await itemsOf(name, carryOut)));
    after = LastEvaluatedTableName;
  } while (after !== undefined);
  return items;
}

async function itemsOf(TableName: string, carryOut: CarryOut): Promise<readonly Write[]> {
  const items: Write[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const input = JSON.stringify({ TableName, ExclusiveStartKey });
    const { Items, LastEvaluatedKey } = Page.parse(await carryOut('Scan', input));
    for (const Item of Items) {
      items.push({ operation: 'PutItem', input: JSON.stringify({ TableName, Item }), changes: [] });
    }
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}
