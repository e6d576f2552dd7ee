import { Command } from '@commander-js/extra-typings';

/** Adds the options that every command accepts, before or after its name. */
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

/** Returns the arguments without global options. The first is the name of the command. */
export function operandsOf(args: readonly string[]): readonly string[] {
  const silent = withGlobalOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return silent.parseOptions([...args]).operands;
}
