import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoUploads } from '../../../lambda/adapters/dynamo-uploads.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { Scanner } from '../../../lambda/domain/uploads/ports.ts';
import { documentClient } from '../../support/dynamo/memory-tables.ts';
import { intercept } from '../../support/intercept.ts';
import { fitsPdf } from '../../support/sample-files.ts';
import { described } from '../ports.ts';
import { judgeWrite } from './rules-of-writes.ts';
import { SESSION_SECONDS, type UploadActor, type UploadWorld } from './world.ts';

const READS: ReadonlySet<string> = new Set([
  'presignPut',
  'presignPart',
  'presignGet',
  'parts',
  'inspect',
  'firstBytes',
  'tagOf',
]);

const LIMITS = {
  mostBytes: 1024 ** 4,
  types: new Set(['application/pdf']),
  openSessions: 2,
  bytesPerDay: 1024 ** 4,
  sessionSeconds: SESSION_SECONDS,
};

/**
 * Returns the ports of one invocation. Every call is a step in the schedule. The store of uploads is the real adapter
 * on an in-memory table, so a step is one DynamoDB command with the deployed conditions.
 */
export function portsFor(world: UploadWorld, actor: UploadActor) {
  const stepped = <Port extends object>(name: string, port: Port): Port =>
    intercept(port, ({ method, proceed }) =>
      world.scheduler.submit({
        actor,
        label: `${name}.${method}`,
        kind: READS.has(method) ? 'read' : 'write',
        apply: proceed,
        fault: () => new Unavailable(name, 'no response'),
      }),
    );
  const scanner: Scanner = {
    async scan(uploadId, versionId) {
      world.scans.push({ uploadId, versionId });
    },
  };
  const client = documentClient((command) => execute(world, actor, command));
  return {
    clock: actor.clock,
    uploads: new DynamoUploads(client, { table: 'uploads', retentionDays: 400 }),
    history: stepped('history', world.history),
    quarantine: stepped('quarantine', world.quarantine),
    scanner: stepped('scanner', scanner),
    quota: stepped('quota', world.quota),
    fitsType: fitsPdf,
    limits: LIMITS,
  };
}

/** The dependencies of every operation, for one invocation. */
export type UploadPorts = ReturnType<typeof portsFor>;

async function execute(world: UploadWorld, actor: UploadActor, command: object): Promise<object> {
  const { label, kind } = described(command);
  const response = await world.scheduler.submit({
    actor,
    label,
    kind,
    apply: async () =>
      command instanceof QueryCommand
        ? world.query(command)
        : world.tables.execute(command, (write) => judgeWrite(world, actor, write)),
    // The error that the SDK throws after its own retries.
    fault: () => Object.assign(new Error(`no response to ${label}`), { name: 'TimeoutError', $metadata: {} }),
  });
  return response as object;
}
