/* What a destroyed stack left behind. Exits with 1 if anything is left that should not be. */
import { readFileSync } from 'node:fs';
import { KMSClient } from '@aws-sdk/client-kms';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { awsAccount } from '../cli/leftovers/account.ts';
import { readCommandLine, USAGE } from '../cli/leftovers/command-line.ts';
import { findLeftovers } from '../cli/leftovers/judge.ts';
import { leftoverReport } from '../cli/leftovers/report.ts';
import { troubleOf } from '../cli/leftovers/trouble.ts';

const COULD_NOT_LOOK = 2;

try {
  const cdkJson = readFileSync(new URL('../cdk.json', import.meta.url), 'utf8');
  const command = readCommandLine(process.argv.slice(2), cdkJson);
  if (command.kind === 'help') process.stdout.write(USAGE);
  else if (command.kind === 'misused') {
    process.stderr.write(`${command.problem}\n\n${USAGE}`);
    process.exitCode = COULD_NOT_LOOK;
  } else {
    const settings = command.region === undefined ? {} : { region: command.region };
    const tagging = new ResourceGroupsTaggingAPIClient(settings);
    const account = awsAccount({ tagging, kms: new KMSClient(settings) });
    const leftovers = await findLeftovers(account, command.stackName);
    const region = await tagging.config.region();
    process.stdout.write(leftoverReport(leftovers, { stackName: command.stackName, region }));
    if (leftovers.some(({ expected }) => !expected)) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${troubleOf(error)}\n`);
  process.exitCode = COULD_NOT_LOOK;
}
