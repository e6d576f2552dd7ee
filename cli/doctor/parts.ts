import { queuePair, REDRIVEN } from '../redrive/queues.ts';
import type { Deployment } from '../tvm/deployment.ts';
import type { WantedQueue } from './checks/queues.ts';

/** The tables of a deployment by name. */
export function tablesOf(deployment: Deployment): readonly string[] {
  const { tokenTable, receiptTable, ledgerTable, quotaTable, issueTable } = deployment;
  return [
    tokenTable,
    receiptTable,
    ledgerTable,
    quotaTable,
    ...(issueTable === undefined ? [] : [issueTable]),
  ];
}

/** Its queues, each with where its messages lie that failed too often. */
export function queuesOf(deployment: Deployment): readonly WantedQueue[] {
  return REDRIVEN.map((name) => ({ name, ...queuePair(deployment, name) }));
}
