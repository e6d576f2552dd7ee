import { type Audit, audit, type Finding } from '../audit/audit.ts';
import { EXPLANATIONS, type Remark } from '../audit/judge.ts';
import { readAccounts, readAgain } from '../audit/read-accounts.ts';
import { withTables } from '../tables/with-tables.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';

/** `tvm audit` checks that every link is in exactly one state: live, redeemed, revoked, or expired. */
export const auditCommand: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Checks that the ledger, records, and receipts agree. Counts the links in each state, and lists each link with a contradiction. Reads all three tables and changes nothing. Exits with 1 if it finds a contradiction.',
    )
    .action(() => run(runAudit));
  addExamples(defined, [
    ['npx tvm audit', 'Check that the tables agree'],
    ['npx tvm audit --json | jq .contradictions', 'Only the contradictions'],
  ]);
};

async function runAudit({ io, output, signal, connect }: Session): Promise<Ending> {
  const seconds = () => Math.floor(io.now().getTime() / 1000);
  const connection = await connect();
  output.aside('Reading the ledger, records, and receipts …');
  const found = await withTables(connection, signal, async (tables) =>
    audit(await readAccounts(tables), (tokenId) => readAgain(tables, tokenId), seconds),
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
    ['total', String(known)],
    ['issued', String(issued)],
  ]);
  for (const [remark, count] of Object.entries(remarks) as [Remark, number][]) {
    output.note(`${remark}: ${count} (${EXPLANATIONS[remark]})`);
  }
  output.table(FINDINGS, contradictions);
  if (contradictions.length === 0) output.aside('The tables agree: every link is in exactly one state.');
  else output.warn('The tables disagree. See docs/commands.md#audit for what each problem means.');
}
