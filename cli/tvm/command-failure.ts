import type { Ending } from './exit-codes.ts';

/**
 * What ends a command early, in one sentence for the person at the terminal, with what to do about it. It is shown
 * as it is; any other error is a defect and shown with its stack.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly ending: Ending;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(ending: Ending, message: string, hint?: string) {
    super(message);
    this.ending = ending;
    this.hint = hint;
  }
}

/** A person was asked and did not say yes. That is an answer, not an error. */
export class Declined extends CommandFailure {
  constructor(ending: 'no' | 'interrupted') {
    super(ending, 'Nothing was changed.');
  }
}
