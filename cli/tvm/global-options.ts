import { Command } from '@commander-js/extra-typings';

/** The options that every command takes, before or after its name. */
export function withGlobalOptions(command: Command) {
  return command
    .option('--stack <name>', 'name of the stack (default: stackName in cdk.json)')
    .option('--region <region>', 'AWS region (default: from the AWS settings)')
    .option('--profile <profile>', 'AWS profile (default: from the AWS settings)')
    .option('--local', 'use local mode ("npm start") instead of AWS')
    .option('--data-dir <folder>', 'data folder of local mode (default: .local); implies --local')
    .option('--json', 'print JSON, for programs')
    .option('-y, --yes', 'do not ask before changes that cannot be undone');
}

export type GlobalOptions = Partial<ReturnType<ReturnType<typeof withGlobalOptions>['opts']>>;

/** The words of a command line that are no global option: the command's name comes first. */
export function operandsOf(args: readonly string[]): readonly string[] {
  const silent = withGlobalOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return silent.parseOptions([...args]).operands;
}
