import type { Ending } from './exit-codes.ts';

/**
 * Ends a command with a message for the operator. Errors from the AWS SDK and the network become failures, too
 * (failure-of.ts). Any other error is a bug, and is printed with its stack trace.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly ending: Ending;
  /** What the operator can do about the failure. */
  readonly hint: string | undefined;

  constructor(ending: Ending, message: string, hint?: string) {
    super(message);
    this.ending = ending;
    this.hint = hint;
  }
}

/** Ends a command because the operator did not confirm. This is not an error. */
export class Declined extends CommandFailure {
  constructor(ending: 'no' | 'interrupted') {
    super(ending, 'Nothing was changed.');
  }
}
