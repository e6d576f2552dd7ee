import type { Deployment } from './bundles.ts';
import { invokeFresh } from './fresh-process.ts';
import type { Options, Report } from './report.ts';
import { type Call, LATENCY_MS, type Services } from './services.ts';

/** Delay of every response in milliseconds: long enough for parallel calls to arrive before the first is answered. */
const SLOW_MS = 200;

/** Reports the calls that each warm function makes to AWS for one request, and which of them it makes in parallel. */
export async function measureCalls(
  { bundles }: Deployment,
  services: Services,
  { functions }: Options,
): Promise<Report> {
  services.latencyMs = SLOW_MS;
  const rows: { readonly name: string; readonly waits: readonly (readonly string[])[] }[] = [];
  for (const bundle of bundles.filter(({ name }) => functions?.includes(name) ?? true)) {
    const callsOf = async (warm: number): Promise<readonly Call[]> => {
      services.calls.length = 0;
      await invokeFresh(bundle, services, { warmUp: 0, warm });
      return [...services.calls];
    };
    const cold = await callsOf(0);
    rows.push({ name: bundle.name, waits: inTurn((await callsOf(1)).slice(cold.length)) });
  }
  services.latencyMs = LATENCY_MS;
  return {
    name: 'calls',
    tables: [
      {
        caption: 'AWS calls that a warm function makes for one request: `→` in sequence, `‖` in parallel.',
        head: ['function', 'waits', 'calls'],
        rows: rows.map(({ name, waits }) => [
          name,
          String(waits.length),
          waits.map((calls) => calls.join(' ‖ ')).join(' → '),
        ]),
      },
    ],
    charts: [],
    data: rows,
  };
}

/** Groups calls that arrive before the first call of the group is answered. Such calls do not wait for each other. */
function inTurn(calls: readonly Call[]): readonly (readonly string[])[] {
  const groups: { readonly from: number; readonly names: string[] }[] = [];
  for (const call of calls.toSorted((left, right) => left.at - right.at)) {
    const last = groups.at(-1);
    if (last !== undefined && call.at < last.from + SLOW_MS) last.names.push(nameOf(call));
    else groups.push({ from: call.at, names: [nameOf(call)] });
  }
  return groups.map(({ names }) => names);
}

/** Returns a call's operation and tables. Drops `-table` from the tables' placeholder names, such as `token-table`. */
function nameOf({ operation, body: { TableName, RequestItems } }: Call): string {
  const tables = typeof RequestItems === 'object' ? Object.keys(RequestItems ?? {}) : [TableName ?? ''];
  return `${operation} ${tables.join(', ').replaceAll('-table', '')}`.trim();
}
