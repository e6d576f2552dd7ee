import type { Incident, Report } from '../../lambda/domain/ports.ts';

export class IncidentLog {
  readonly incidents: Incident[] = [];

  /** The port for the domain. */
  readonly report: Report = (incident) => {
    this.incidents.push(incident);
  };
}
