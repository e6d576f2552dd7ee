/** How one step went. */
export interface StepReport {
  readonly step: string;
  readonly ok: boolean;
  /** Milliseconds, all that happens on the way included. */
  readonly ms: number;
  /** What was found; never a token or a URL. */
  readonly found: string;
}

/** A step did not find what it should. The message is shown. */
export class SmokeFailure extends Error {
  override readonly name = 'SmokeFailure';
}

/** What a step gives to the next ones, and says on the screen. */
export interface StepResult<T> {
  readonly found: string;
  readonly value: T;
}

/** Runs steps, one after the other. */
export interface StepRunner {
  readonly reports: readonly StepReport[];
  /**
   * @throws SmokeFailure when it fails: later steps need its value
   */
  run<T>(step: string, act: () => Promise<StepResult<T>>): Promise<T>;
}

/**
 * @param now milliseconds
 * @param say told of each step when it is over
 * @param explain what is shown of an error that the step did not expect
 */
export function createStepRunner(
  now: () => number,
  say: (report: StepReport) => void,
  explain: (error: unknown) => string,
): StepRunner {
  const reports: StepReport[] = [];
  return {
    reports,
    run: async (step, act) => {
      const started = now();
      const over = (outcome: Pick<StepReport, 'ok' | 'found'>): void => {
        const report = { step, ...outcome, ms: Math.round(now() - started) };
        reports.push(report);
        say(report);
      };
      try {
        const { found, value } = await act();
        over({ ok: true, found });
        return value;
      } catch (error) {
        const found = error instanceof SmokeFailure ? error.message : explain(error);
        over({ ok: false, found });
        throw error instanceof SmokeFailure ? error : new SmokeFailure(found, { cause: error });
      }
    },
  };
}
