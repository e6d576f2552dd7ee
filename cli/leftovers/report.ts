import type { Leftover } from './judge.ts';

/** What an operator reads: a line for each thing that is left, and a last line that says how it stands. */
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
  return `${lines.join('')}${verdict}\n`;
}
