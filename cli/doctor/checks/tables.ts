import type { Account, TableFacts } from '../account.ts';
import { type Check, type Finding, fine, problem, REVERT_DRIFT } from '../finding.ts';

/** Checks that the tables are active, expire their rows, and are protected as their stage requires. */
export function tablesCheck(
  account: Pick<Account, 'table'>,
  names: readonly string[],
  stage: () => Promise<string | undefined>,
): Check {
  return {
    name: 'tables',
    permissions: [
      'dynamodb:DescribeTable',
      'dynamodb:DescribeTimeToLive',
      'dynamodb:DescribeContinuousBackups',
    ],
    look: async () => {
      const wanted = await stage();
      const found = await Promise.all(
        names.map(async (name) => troubles(name, await account.table(name), wanted)),
      );
      const all = found.flat();
      return all.length > 0 ? all : [fine('tables', `${names.length} active`)];
    },
  };
}

function troubles(name: string, facts: TableFacts, stage: string | undefined): readonly Finding[] {
  const found: Finding[] = [];
  const add = (what: string, advice: string) => found.push(problem('tables', `${name} ${what}`, advice));
  if (facts.status !== 'ACTIVE')
    add(`is ${facts.status}`, 'Requests fail until the table is ACTIVE. Check it in DynamoDB.');
  if (facts.ttl !== undefined && !facts.ttl.startsWith('ENABL')) {
    add('keeps rows forever: TTL is off', REVERT_DRIFT);
  }
  if (stage === 'prod' && facts.backups !== undefined && facts.backups !== 'ENABLED') {
    add('cannot be restored: no point-in-time recovery', REVERT_DRIFT);
  }
  if (stage === 'prod' && !facts.protected) {
    add('can be deleted: deletion protection is off', REVERT_DRIFT);
  }
  return found;
}
