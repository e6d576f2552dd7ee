import type { Incident, Report } from '../../lambda/domain/ports.ts';

/** What was reported to the operator. */
export class IncidentLog {
  readonly incidents: Incident[] = [];

  /** The port as the domain takes it. */
  readonly report: Report = (incident) => {
    this.incidents.push(incident);
  };
}
