import { BatchGetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { clientZipper } from '../../lambda/adapters/client-zipper.ts';
import { DynamoIssuePlans } from '../../lambda/adapters/dynamo-issue-plans.ts';
import { DynamoSecondChances } from '../../lambda/adapters/dynamo-second-chances.ts';
import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { Counter, OpenFile } from '../../lambda/domain/ports.ts';
import type { Result } from '../../lambda/domain/result.ts';
import { isAllowedFrom } from '../../lambda/http/allowed-from.ts';
import { documentClient } from '../support/dynamo/memory-tables.ts';
import { intercept, type PortCall } from '../support/intercept.ts';
import { composeNoticePlainly, composePlainly } from '../support/memory-world.ts';
import { PRESENCE_KEY } from '../support/presence-codes.ts';
import type { Actor } from './actor.ts';
import { judgeWrite } from './rules-of-writes.ts';
import type { World } from './world.ts';

const READS: ReadonlySet<string> = new Set([
  'keyFor',
  'head',
  'open',
  'presign',
  'of',
  'recipientOf',
  'linesOf',
  'look',
]);

/** Limits that no schedule reaches. The quota has its own tests. */
const LIMITS = {
  sourcePerHour: 1000,
  sourceMailsPerDay: 1_000_000,
  addressPerHour: 1000,
  addressPerDay: 1000,
  cooldownSeconds: 1,
  formMailsPerDay: 1000,
  callerMailsPerDay: 1000,
  programMailsPerDay: 1000,
};

/**
 * Returns the ports of one invocation. Every call is a step in the schedule. The token store is the real adapter on
 * in-memory tables, so a step is one DynamoDB command with the deployed conditions.
 */
export function portsFor(world: World, actor: Actor, lifetimeSeconds: number) {
  const stepped = <Port extends object>(name: string, port: Port): Port =>
    intercept(port, (call) => {
      if (call.method === 'sendNotice') actor.noticesAskedFor += 1;
      if (isOnlyItsOwn(name, call)) return call.proceed();
      return world.scheduler.submit({
        actor,
        label: `${name}.${call.method}`,
        kind: READS.has(call.method) ? 'read' : 'write',
        apply: () => observed(actor, call),
        fault: () => new Unavailable(name, 'no response'),
      });
    });
  const ledger = stepped('ledger', world.ledger);
  const client = documentClient((command) => executeStepByStep(world, actor, command));
  return {
    clock: actor.clock,
    store: new DynamoTokenStore(client, { tokenTable: 'tokens', receiptTable: 'receipts' }),
    secondChances: world.secondChances === 'on' ? new DynamoSecondChances(client, 'chances') : undefined,
    plans: new DynamoIssuePlans(client, { table: 'plans', clock: actor.clock }),
    keys: stepped('keys', world.keys),
    files: stepped('files', world.files),
    ledger,
    history: ledger,
    quota: stepped('quota', world.quota),
    pseudonyms: stepped('pseudonyms', world.pseudonyms),
    queue: stepped('queue', world.queue),
    mailer: stepped('mailer', world.mailer),
    report: () => world.count('incident'),
    zipper: clientZipper,
    compose: composePlainly,
    composeNotice: composeNoticePlainly,
    isAllowedFrom,
    presenceKey: async () => PRESENCE_KEY,
    limits: LIMITS,
    lifetimeSeconds,
    delivery: 'redirect' as const,
    downloadSeconds: 30,
    streamConcurrency: 1000,
    receiptRetentionDays: 1,
    isAllowedRecipient: () => true,
  };
}

/** Returns whether a call changes a counter that no other call depends on. The timing of such a call is irrelevant. */
function isOnlyItsOwn(port: string, { args: [first] }: PortCall): boolean {
  return port === 'quota' && /^(caller-mails\/[^/]+$|streams)/.test((first as Counter).name);
}

/** The dependencies of every operation, for one invocation. */
export type Ports = ReturnType<typeof portsFor>;

async function observed(actor: Actor, call: PortCall): Promise<unknown> {
  const response = await call.proceed();
  if (call.method === 'presign' && typeof response === 'string') actor.urls.push(response);
  return call.method === 'open'
    ? held(actor, response as Awaited<ReturnType<World['files']['open']>>)
    : response;
}

/** Returns the same file, and tracks whether the function has closed it. */
function held<Failure>(actor: Actor, opened: Result<OpenFile, Failure>): Result<OpenFile, Failure> {
  if (!opened.ok) return opened;
  const file = opened.value;
  const hold = { letGo: false };
  actor.files.push(hold);
  const abort = () => {
    hold.letGo = true;
    file.abort();
  };
  return { ok: true, value: { ...file, abort } };
}

/**
 * Executes a command. A read of several tables takes one step per table, in any order, because BatchGetItem is
 * consistent per item but not across items.
 */
async function executeStepByStep(world: World, actor: Actor, command: object): Promise<object> {
  if (!(command instanceof BatchGetCommand)) return await execute(world, actor, command);
  const read = await Promise.all(
    Object.entries(command.input.RequestItems ?? {}).map(
      ([table, keys]) =>
        execute(world, actor, new BatchGetCommand({ RequestItems: { [table]: keys } })) as Promise<{
          Responses: object;
        }>,
    ),
  );
  const response = {
    Responses: Object.assign({}, ...read.map(({ Responses }) => Responses)),
    UnprocessedKeys: {},
  };
  // The function does not learn the order of the reads.
  actor.heard.splice(-read.length, read.length, { label: 'BatchGetItem', response, at: actor.clock() });
  return response;
}

async function execute(world: World, actor: Actor, command: object): Promise<object> {
  const { label, kind } = described(command);
  nameIds(world, actor, command);
  const response = await world.scheduler.submit({
    actor,
    label,
    kind,
    apply: async () => world.tables.execute(command, (write) => judgeWrite(world.referee, actor, write)),
    // The error that the SDK throws after its own retries.
    fault: () => Object.assign(new Error(`no response to ${label}`), { name: 'TimeoutError', $metadata: {} }),
  });
  return response as object;
}

/** Names the IDs that this function generated: the ID of its attempt, and the IDs of the links that it plans. */
function nameIds(world: World, actor: Actor, command: object): void {
  if (command instanceof UpdateCommand)
    world.alias(actor, command.input.ExpressionAttributeValues?.[':attempt']);
  if (!(command instanceof PutCommand)) return;
  const { redemptionId, tokenIds } = command.input.Item ?? {};
  for (const id of [redemptionId, tokenIds].flat()) world.alias(actor, id);
}

/** Returns the label of a command, and whether the command is a read or a write. */
export function described(command: object): { readonly label: string; readonly kind: 'read' | 'write' } {
  const { TableName, RequestItems } = (command as { input: { TableName?: string; RequestItems?: object } })
    .input;
  const table = TableName ?? Object.keys(RequestItems ?? {}).join();
  const operation = command.constructor.name.replace('Command', 'Item');
  return { label: `${operation} ${table}`, kind: /Get|Query/.test(operation) ? 'read' : 'write' };
}
