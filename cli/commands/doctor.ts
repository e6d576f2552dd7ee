import { lookup } from 'node:dns/promises';
import { awsAccount } from '../doctor/aws/aws-account.ts';
import type { ApiProbe } from '../doctor/checks/api.ts';
import type { OutsideView } from '../doctor/checks/network.ts';
import type { Finding } from '../doctor/finding.ts';
import { localAccount } from '../doctor/local-account.ts';
import { localChecks } from '../doctor/local-checks.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { stackChecks } from '../doctor/stack-checks.ts';
import { writeMarked } from '../report/mark-line.ts';
import { callApi } from '../tvm/api.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Connection } from '../tvm/connection.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { failureOf } from '../tvm/failure-of.ts';
import { countText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';

/** `tvm doctor` checks a deployment, and prints what to fix. */
export const doctor: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Checks everything that a deployment needs: credentials, clock, stack, API, functions and who may invoke them, concurrency, keys, tables, bucket, queues, malware scan, network, SES, alarms, notices, and logs. Prints one line for each check, with advice if something is wrong. Changes nothing. Exits with 1 if there is a problem; warnings do not count.',
    )
    .action(() => run(examine));
  addExamples(defined, [
    ['npx tvm doctor', 'After a deployment, or when something is wrong'],
    [
      'npx tvm doctor --json | jq ".findings[] | select(.mark == \\"problem\\")"',
      'Only the problems, for a script',
    ],
  ]);
};

/** The width of the longest check name. */
const WIDTHS = [16] as const;

async function examine({ io, output, signal, connect }: Session): Promise<Ending> {
  const connection = await connect();
  const findings = await examined(connection, () => io.now(), signal);
  const count = (mark: Finding['mark']) => findings.filter((finding) => finding.mark === mark).length;
  const problems = count('problem');
  if (output.format === 'json') output.json({ ok: problems === 0, findings });
  else {
    for (const { check, mark, found, advice } of findings) {
      writeMarked(io, { mark, heads: [check], found, advice }, WIDTHS);
    }
    output.aside(`${countText(problems, 'problem')}, ${countText(count('warning'), 'warning')}.`);
  }
  return problems === 0 ? 'done' : 'no';
}

async function examined(
  connection: Connection,
  now: () => Date,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { kind, deployment } = connection;
  const probe = apiProbe(connection, signal);
  if (kind === 'local') {
    const account = localAccount(connection);
    return runChecks(localChecks(account, deployment, probe), signal).finally(account.destroy);
  }
  const look = () => lookFromOutside(deployment.apiUrl, signal);
  const account = awsAccount(connection, now);
  return runChecks(stackChecks(account, deployment, { probe, look }), signal).finally(account.destroy);
}

const OUTSIDE_TIMEOUT_MS = 10_000;

/** Looks up the API's addresses, and requests the form without a signature, as an anonymous visitor would. */
async function lookFromOutside(apiUrl: string, signal: AbortSignal): Promise<OutsideView> {
  const url = `${apiUrl}/`;
  const found = await lookup(new URL(url).hostname, { all: true }).catch(() => []);
  const addresses = found.map(({ address }) => address);
  if (addresses.length === 0) return { addresses, status: undefined };
  const limits = AbortSignal.any([signal, AbortSignal.timeout(OUTSIDE_TIMEOUT_MS)]);
  const status = await fetch(url, { signal: limits, redirect: 'manual' }).then(
    (response) => response.status,
    (error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    },
  );
  return { addresses, status };
}

/** Creates a probe that checks whether the API responds, by listing one link. */
function apiProbe(connection: Connection, signal: AbortSignal): ApiProbe {
  return async () => {
    try {
      const call = { method: 'GET', path: '/operator/tokens', query: { limit: '1' } } as const;
      const response = await callApi(connection, call, signal);
      return response.kind === 'success' ? { status: 200 } : response.problem;
    } catch (error) {
      if (signal.aborted || failureOf(error) === undefined) throw error;
      return undefined;
    }
  };
}
