export interface StepReport {
  readonly step: string;
  readonly ok: boolean;
  /** The duration in milliseconds, including the network. */
  readonly ms: number;
  /** Never contains a token or a URL. */
  readonly found: string;
}

/** The failure of a step. Its message is shown to the operator. */
export class SmokeFailure extends Error {
  override readonly name = 'SmokeFailure';
}

/** The value of a step, and a description to print. */
export interface StepResult<T> {
  readonly found: string;
  readonly value: T;
}

export interface StepRunner {
  readonly reports: readonly StepReport[];
  /**
   * Runs one step, reports it, and returns its value.
   *
   * @throws SmokeFailure if the step fails, because later steps need its value
   */
  run<T>(step: string, act: () => Promise<StepResult<T>>): Promise<T>;
}

/**
 * Returns a runner that runs, times, and reports steps.
 *
 * @param now returns milliseconds
 * @param say is called after each step
 * @param explain returns a description of an unexpected error
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
