import { types } from 'node:util';
import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { Unavailable } from '../domain/errors.ts';
import type { Handled, Incident, MeasureLevel, Telemetry } from '../domain/ports.ts';

/** Writes structured logs and EMF metrics with Powertools. */
export class PowertoolsTelemetry implements Telemetry {
  readonly #logger: Pick<Logger, 'info' | 'error'>;
  readonly #metrics: Pick<Metrics, 'singleMetric'>;

  constructor(logger: Pick<Logger, 'info' | 'error'>, metrics: Pick<Metrics, 'singleMetric'>) {
    this.#logger = logger;
    this.#metrics = metrics;
  }

  readonly report = (incident: Incident, cause: unknown): void => {
    this.#logger.error(incident.incident, { ...incident, cause: describe(cause) });
    this.#count('Incident');
  };

  handled({ milestone, ...line }: Handled): void {
    this.#logger.info('handled', line);
    if (milestone !== undefined) this.#count(milestone);
  }

  readonly measure: MeasureLevel = (gauge, percent) => {
    this.#metrics.singleMetric().addMetric(gauge, MetricUnit.Percent, percent);
  };

  fault(route: string, requestId: string, cause: unknown): void {
    this.#logger.error('fault', { route, requestId, cause: describe(cause) });
    this.#count(cause instanceof Unavailable ? 'ServiceUnavailable' : 'Fault');
  }

  #count(metric: string): void {
    this.#metrics.singleMetric().addMetric(metric, MetricUnit.Count, 1);
  }
}

interface ErrorDescription {
  readonly name: string;
  /** The service that failed, where that is known. */
  readonly port?: string;
  readonly status?: number;
  readonly awsRequestId?: string;
  /** The stack without its first line. */
  readonly at?: readonly string[];
  readonly cause?: ErrorDescription;
}

const FRAMES = 6;

/** Describes an error without its message, because services put addresses, URLs and key names into theirs. */
function describe(error: unknown): ErrorDescription {
  if (!types.isNativeError(error)) return { name: typeof error };
  const { $metadata } = error as Error & {
    readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(error instanceof Unavailable && { port: error.port }),
    ...($metadata?.httpStatusCode !== undefined && { status: $metadata.httpStatusCode }),
    ...($metadata?.requestId !== undefined && { awsRequestId: $metadata.requestId }),
    at: frames.slice(0, FRAMES).map((line) => line.trim()),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  };
}
