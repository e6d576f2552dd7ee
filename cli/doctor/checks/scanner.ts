import { countText } from '../../tvm/format.ts';
import type { Account, ScannerFacts } from '../account.ts';
import { type Check, type Finding, fine, problem, REVERT_DRIFT, skipped, warning } from '../finding.ts';

const NAME = 'malware scan';
const TAGS = `Without the tag, no upload is ever published. ${REVERT_DRIFT}`;
const TROUBLE = 'See docs/operations.md#scannernoticealarm.';

/**
 * Checks that GuardDuty can scan uploads and tag them.
 *
 * @param plans the IDs of the stack's malware protection plans. A stack that does not accept uploads has none.
 * @param noticeQueue the queue for GuardDuty's reports of uploads that it could not scan or tag
 */
export function scannerCheck(
  account: Pick<Account, 'scanner' | 'queue'>,
  plans: () => Promise<readonly string[]>,
  noticeQueue: string | undefined,
): Check {
  return {
    name: NAME,
    permissions: ['guardduty:GetMalwareProtectionPlan', 'sqs:GetQueueAttributes'],
    look: async () => {
      const ids = await plans();
      if (ids.length === 0) return [skipped(NAME, 'this stack does not accept uploads')];
      const found = (await Promise.all(ids.map((id) => account.scanner(id)))).flatMap(troubles);
      const notices = noticeQueue === undefined ? 0 : (await account.queue(noticeQueue)).messages;
      if (notices > 0)
        found.push(warning(NAME, `${countText(notices, 'failure notice')} from GuardDuty`, TROUBLE));
      return found.length > 0 ? found : [fine(NAME, 'active, and tags the objects that it scans')];
    },
  };
}

function troubles({ status, tags, reasons }: ScannerFacts): readonly Finding[] {
  const why = reasons.length === 0 ? '' : `: ${reasons.join(', ')}`;
  return [
    ...(status === 'ACTIVE' ? [] : [problem(NAME, `the plan is ${status}${why}`, TROUBLE)]),
    ...(tags ? [] : [problem(NAME, 'GuardDuty does not tag the objects that it scans', TAGS)]),
  ];
}
