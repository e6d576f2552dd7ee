import { queuePair, REDRIVEN } from '../redrive/queues.ts';
import type { Deployment } from '../tvm/deployment.ts';
import type { WantedQueue } from './checks/queues.ts';

export function tablesOf(deployment: Deployment): readonly string[] {
  const { tokenTable, receiptTable, ledgerTable, quotaTable, issueTable } = deployment;
  const { uploadTable, uploadHistoryTable, uploadLinkTable } = deployment;
  return [
    tokenTable,
    receiptTable,
    ledgerTable,
    quotaTable,
    issueTable,
    ...[uploadTable, uploadHistoryTable, uploadLinkTable].filter((name) => name !== undefined),
  ];
}

export function queuesOf(deployment: Deployment): readonly WantedQueue[] {
  return REDRIVEN.flatMap((name) => {
    const pair = queuePair(deployment, name);
    return pair === undefined ? [] : [{ name, ...pair }];
  });
}
