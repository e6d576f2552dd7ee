import { types } from 'node:util';
import { Unavailable } from '../domain/errors.ts';
import type { Handled, Incident, MeasureAge, MeasureLevel, Milestone, Telemetry } from '../domain/ports.ts';

/** Common fields and destination of log lines. */
export interface LogOptions {
  /** Name of the function. It appears on every line, and is the only dimension of the metrics. */
  readonly service: string;
  /** Namespace of the metrics. */
  readonly namespace: string;
  readonly traceId: () => string | undefined;
  readonly clock: () => Date;
  /** Writes one line, which ends with a line break. */
  readonly write: (line: string) => void;
}

/**
 * Writes structured log lines, and metrics as lines in the embedded metric format, which CloudWatch reads from the log.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class LogTelemetry implements Telemetry {
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  readonly report = (incident: Incident, cause: unknown): void => {
    this.#log('ERROR', incident.incident, { ...incident, cause: describe(cause) });
    this.#count('Incident');
  };

  handled({ milestone, ...line }: Handled): void {
    this.#log('INFO', 'handled', line);
    if (milestone !== undefined) this.count(milestone, 1);
  }

  count(milestone: Milestone, times: number): void {
    if (times > 0) this.#measure(milestone, 'Count', times);
  }

  readonly age: MeasureAge = (wait, seconds) => this.#measure(wait, 'Seconds', seconds);

  readonly measure: MeasureLevel = (gauge, percent) => this.#measure(gauge, 'Percent', percent);

  fault(route: string, requestId: string, cause: unknown): void {
    this.#log('ERROR', 'fault', { route, requestId, cause: describe(cause) });
    this.#count(cause instanceof Unavailable ? 'ServiceUnavailable' : 'Fault');
  }

  #count(metric: string): void {
    this.#measure(metric, 'Count', 1);
  }

  #log(level: 'INFO' | 'ERROR', message: string, facts: object): void {
    const { service, traceId, clock } = this.#options;
    const timestamp = clock().toISOString();
    this.#write({ level, message, timestamp, service, xray_trace_id: traceId(), ...facts });
  }

  #measure(Name: string, Unit: 'Count' | 'Percent' | 'Seconds', value: number): void {
    const { service, namespace, clock } = this.#options;
    const metrics = { Namespace: namespace, Dimensions: [['service']], Metrics: [{ Name, Unit }] };
    const _aws = { Timestamp: clock().getTime(), CloudWatchMetrics: [metrics] };
    this.#write({ _aws, service, [Name]: value });
  }

  #write(line: object): void {
    this.#options.write(`${JSON.stringify(line)}\n`);
  }
}

interface ErrorDescription {
  readonly name: string;
  /** Service that failed, if known. */
  readonly port?: string;
  readonly status?: number;
  readonly awsRequestId?: string;
  /** Topmost stack frames, without the message above them. */
  readonly at?: readonly string[];
  readonly cause?: ErrorDescription;
}

const FRAMES = 6;

/**
 * Describes an error without its message, because the messages of services may contain addresses, URLs, and key names.
 */
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
