import { expect, test } from '@jest/globals';
import { LogTelemetry } from '../../../lambda/adapters/log-telemetry.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';

const NOW = new Date('2031-05-17T10:20:30.456Z');

/** Returns the lines that `use` writes to an in-memory log. */
function linesOf(use: (telemetry: LogTelemetry) => void, traceId: string | undefined = '1-trace'): unknown[] {
  let text = '';
  const telemetry = new LogTelemetry({
    service: 'redeem',
    namespace: 'Stack',
    traceId: () => traceId,
    clock: () => NOW,
    write: (line) => {
      text += line;
    },
  });
  use(telemetry);
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const metric = (Name: string, Unit: string, value: number) => ({
  _aws: {
    Timestamp: NOW.getTime(),
    CloudWatchMetrics: [{ Namespace: 'Stack', Dimensions: [['service']], Metrics: [{ Name, Unit }] }],
  },
  service: 'redeem',
  [Name]: value,
});

test('a handled request is logged on one line with its trace ID, and its milestone is counted on another', () => {
  const route = 'POST /redeem';
  expect(
    linesOf((telemetry) =>
      telemetry.handled({ route, requestId: 'r1', outcome: 'redeemed', milestone: 'TokenRedeemed' }),
    ),
  ).toEqual([
    {
      level: 'INFO',
      message: 'handled',
      timestamp: '2031-05-17T10:20:30.456Z',
      service: 'redeem',
      xray_trace_id: '1-trace',
      route,
      requestId: 'r1',
      outcome: 'redeemed',
    },
    metric('TokenRedeemed', 'Count', 1),
  ]);
});

test('a fault is logged with its name, status, and stack, but without its message', () => {
  const cause = Object.assign(new Error('ada@example.org'), {
    name: 'AccessDenied',
    $metadata: { httpStatusCode: 403, requestId: 'aws-1' },
  });
  const [line, counted] = linesOf((telemetry) => telemetry.fault('POST /redeem', 'r1', cause), '');
  expect(line).toMatchObject({
    level: 'ERROR',
    message: 'fault',
    cause: { name: 'AccessDenied', status: 403, awsRequestId: 'aws-1', at: expect.any(Array) },
  });
  expect(JSON.stringify(line)).not.toContain('ada@');
  expect(counted).toEqual(metric('Fault', 'Count', 1));
});

test('an unavailable service is counted separately from faults', () => {
  const lines = linesOf((telemetry) =>
    telemetry.fault('POST /redeem', 'r1', new Unavailable('kms', undefined)),
  );
  expect(lines[0]).toMatchObject({ cause: { name: 'Unavailable', port: 'kms' } });
  expect(lines[1]).toEqual(metric('ServiceUnavailable', 'Count', 1));
});

test('quota use is recorded as a percentage metric', () => {
  expect(linesOf((telemetry) => telemetry.measure('FormMails', 80))).toEqual([
    metric('FormMails', 'Percent', 80),
  ]);
});
