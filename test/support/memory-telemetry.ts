import type {
  Handled,
  Incident,
  MeasureAge,
  Milestone,
  Report,
  Telemetry,
} from '../../lambda/domain/ports.ts';

/** In-memory logs and metrics. */
export class MemoryTelemetry implements Telemetry {
  readonly lines: Handled[] = [];
  readonly incidents: Incident[] = [];
  readonly counts: Partial<Record<Milestone, number>> = {};
  readonly ages: { readonly wait: string; readonly seconds: number }[] = [];
  readonly faults: { readonly route: string; readonly cause: unknown }[] = [];

  readonly report: Report = (incident) => {
    this.incidents.push(incident);
  };

  handled(line: Handled): void {
    this.lines.push(line);
  }

  count(milestone: Milestone, times: number): void {
    this.counts[milestone] = (this.counts[milestone] ?? 0) + times;
  }

  readonly age: MeasureAge = (wait, seconds) => {
    this.ages.push({ wait, seconds });
  };

  fault(route: string, _requestId: string, cause: unknown): void {
    this.faults.push({ route, cause });
  }

  /** The milestones of the handled requests, in order. */
  get milestones(): readonly Milestone[] {
    return this.lines.flatMap(({ milestone }) => milestone ?? []);
  }
}
