import type { Incident, Report } from '../../lambda/domain/ports.ts';

export class IncidentLog {
  readonly incidents: Incident[] = [];

  readonly report: Report = (incident) => {
    this.incidents.push(incident);
  };
}
