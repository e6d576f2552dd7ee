import type { Leftover } from './judge.ts';

/** The index of tags knows no roles (Resource Groups Tagging API, "Supported services"). */
const UNSEEN =
  'IAM roles are not in this index of tags; docs/operations.md#destroy shows how to look for them.';

/** What an operator reads: a line for each thing that is left, how it stands, and what was not looked at. */
export function leftoverReport(
  leftovers: readonly Leftover[],
  { stackName, region }: { readonly stackName: string; readonly region: string },
): string {
  const lines = leftovers.map(
    ({ arn, kind, expected, reason }) =>
      `  ${expected ? 'expected  ' : 'UNEXPECTED'}  ${kind}  ${arn}\n              ${reason}\n`,
  );
  const unexpected = leftovers.filter(({ expected }) => !expected).length;
  const place = `of ${stackName} in ${region}`;
  const verdict =
    leftovers.length === 0
      ? `Nothing is left ${place}.`
      : unexpected === 0
        ? `Nothing unexpected is left ${place}.`
        : `${unexpected} of ${leftovers.length} should not be left ${place}.`;
  return `${lines.join('')}${verdict}\n${UNSEEN}\n`;
}
