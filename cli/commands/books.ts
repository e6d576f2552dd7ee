import { type Audit, audit, type Finding } from '../books/audit.ts';
import { EXPLANATIONS, type Remark } from '../books/judge.ts';
import { readAgain, readBooks } from '../books/read-books.ts';
import { withTables } from '../tables/with-tables.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';

/** `tvm books`: whether every token is exactly one of live, redeemed, revoked and expired. */
export const books: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Reads ledger, tokens and receipts, counts the links in each state, and names every link that the three disagree about. Reads all of the tables; changes nothing. Ends with 1 if there is one.',
    )
    .action(() => run(keepBooks));
  addExamples(defined, [
    ['npx tvm books', 'Do the books agree?'],
    ['npx tvm books --json | jq .contradictions', 'The ids of those that do not'],
  ]);
};

async function keepBooks({ io, output, signal, connect }: Session): Promise<Ending> {
  const seconds = () => Math.floor(io.now().getTime() / 1000);
  const connection = await connect();
  output.aside('Reading ledger, tokens and receipts …');
  const found = await withTables(connection, signal, async (tables) =>
    audit(await readBooks(tables), (tokenId) => readAgain(tables, tokenId), seconds),
  );
  if (output.format === 'json') output.json(found);
  else show(found, output);
  return found.contradictions.length === 0 ? 'done' : 'no';
}

const FINDINGS = [
  { title: 'LINK', of: ({ tokenId }: Finding) => tokenId },
  { title: 'PROBLEM', of: ({ kind }: Finding) => kind },
  { title: 'MEANING', of: ({ kind }: Finding) => EXPLANATIONS[kind] },
] as const;

function show({ states, known, issued, contradictions, remarks }: Audit, output: Session['output']): void {
  output.facts([
    ...Object.entries(states).map(([state, count]) => [state, String(count)] as const),
    ['in all', String(known)],
    ['issued', String(issued)],
  ]);
  for (const [remark, count] of Object.entries(remarks) as [Remark, number][]) {
    output.note(`${remark}: ${count} (${EXPLANATIONS[remark]})`);
  }
  output.table(FINDINGS, contradictions);
  if (contradictions.length === 0) output.aside('The books agree: every link is in exactly one state.');
  else output.warn('The books do not agree; docs/commands.md#books says what each problem means.');
}
