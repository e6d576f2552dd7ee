import { z } from 'zod';
import type { Outcome } from './instance.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
const BatchReport = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * Returns the failed items of a batch. If the function fails or its report is invalid, all items count as failed.
 * Without `partialBatches`, reports are ignored.
 *
 * @param ids the IDs of the items in the batch
 */
export function failedItems(
  outcome: Outcome,
  ids: readonly string[],
  { partialBatches }: { readonly partialBatches: boolean },
): ReadonlySet<string> {
  const all = new Set(ids);
  if (outcome.kind !== 'answered') return all;
  if (!partialBatches) return new Set();
  const response: unknown = JSON.parse(outcome.payload);
  if (response === null || response === '') return new Set();
  const report = BatchReport.safeParse(response);
  if (!report.success) return all;
  const reported = (report.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return reported.every((id) => all.has(id)) ? new Set(reported) : all;
}
