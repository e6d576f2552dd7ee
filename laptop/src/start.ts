import { EventEmitter } from 'node:events';
import { join, resolve } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Authorize } from './access.ts';
import { type AccessKey, openAccessKeys } from './access-keys.ts';
import { type ApiServer, startApiServer } from './api/api-server.ts';
import { createGateway } from './api/gateway.ts';
import { readApi } from './api/read-api.ts';
import { openAssembly } from './assembly.ts';
import { createClients } from './clients.ts';
import { openDataDir } from './data-dir.ts';
import { type Endpoints, gatherEndpoints, removeEndpoints, writeEndpoints } from './endpoints.ts';
import { startEventsApi } from './events/events-api.ts';
import { type Events, openEvents } from './events/open-events.ts';
import { defineFunctions } from './functions/define-functions.ts';
import type { Outcome } from './functions/instance.ts';
import { openLogFile } from './functions/log-file.ts';
import { runFunctions } from './functions/run-functions.ts';
import type { ChooseVerdict } from './guardduty/malware-protection.ts';
import { startGuardDuty } from './guardduty/start-guardduty.ts';
import { type AuthorizerOptions, createAuthorizer } from './iam/authorizer.ts';
import { recordDenials } from './iam/denials.ts';
import { OPERATOR } from './iam/identity.ts';
import { impliedCalls } from './iam/implied-calls.ts';
import { readPolicies } from './iam/stack-policies.ts';
import type { LaptopStack } from './laptop-stack.ts';
import { DEFAULT_PORT, onExactPort, onPortOrFree, portOf } from './ports.ts';
import { provision } from './provision/provision.ts';
import { refuseUnknownTypes } from './provision/resource-types.ts';
import { readQueueMappings } from './queue/queue-mapping.ts';
import { pollQueue } from './queue/queue-poller.ts';
import type { CreatedObject } from './s3/operations/call.ts';
import { SQS_ACCOUNT } from './services/sqs.ts';
import { startServices } from './services/start-services.ts';
import { startStreamPollers } from './stream/start-pollers.ts';
import { readStreamMappings } from './stream/stream-mapping.ts';
import { openStackModel } from './template/stack-model.ts';
import { readTemplate } from './template/template.ts';
import { startManagementApi } from './test-invoke/management-api.ts';

export interface LaptopOptions {
  /** The folder for all data that survives a restart. */
  readonly dataDir: string;
  /** `fresh` wipes the data of earlier runs. @default 'keep' */
  readonly start?: 'keep' | 'fresh';
  /** The API's port, or 0 for any free port. @default - `usualPort`, or any free port if that one is taken */
  readonly port?: number;
  /** The preferred port of the API if `port` is omitted. @default 8787 */
  readonly usualPort?: number;
  /** Called with a line of text for each step while local mode starts. */
  readonly log?: (line: string) => void;
  /** The clock of the services and the gateway. Functions use the system clock. */
  readonly clock?: () => Date;
  /** Called with a line of text for each distinct denial, with the caller, action, resource, and reason. */
  readonly denied?: (line: string) => void;
  /** Chooses the malware verdicts on new objects. @default - the objects are scanned */
  readonly scanner?: ChooseVerdict;
  /** Creates the authorizer from the template's policies. @default - one that decides as IAM does */
  readonly iam?: (options: AuthorizerOptions) => Authorize;
}

/** A stack that runs in local mode. */
export interface Laptop<At extends Endpoints = Endpoints> {
  readonly endpoints: At;
  /** The absolute path of the data folder. */
  readonly dataDir: string;
  /** The usual port, if another program was using it and the API had to take a different one. */
  readonly takenPort: number | undefined;
  /** Invokes the function with this short name or ARN, and waits for its response. */
  invoke(functionName: string, event: unknown): Promise<Outcome>;
  /** Resolves once a function has finished handling all events, possibly some time after its last response. */
  idle(functionName: string): Promise<void>;
  /** Tells users which malware scanner runs and what it finds. Undefined without a malware protection plan. */
  readonly malwareScanner: string | undefined;
  /** Puts an event on a bus as `PutEvents` does. */
  readonly putEvent: Events['putEvent'];
  /** Publishes or repeats an event from an AWS service on the default bus. Resolves once it has been delivered. */
  readonly publishEvent: Events['publish'];
  /** Runs a scheduled rule immediately. `name` is the beginning of its logical ID. */
  runSchedule(name: string): Promise<void>;
  /** Immediately deletes expired items from tables that have a stream. Resolves to the number of deleted items. */
  removeExpired(): Promise<number>;
  /** Stops everything. Requests in progress have about two seconds to finish. */
  close(): Promise<void>;
}

const REGION = 'us-east-1';

type Closer = () => unknown;

/**
 * Runs a synthesized stack on 127.0.0.1: its API, its functions from their bundles, and its resources in embedded
 * services, all subject to the template's IAM policies.
 *
 * @throws LaptopError if the stack cannot start
 */
export async function startLaptop<Output extends string>(
  stack: LaptopStack<Output>,
  options: LaptopOptions,
): Promise<Laptop<Endpoints<Output>>> {
  const closers: Closer[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    return { ...(await startAll(stack, options, (closer) => closers.push(closer))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts everything in order, and registers closers that run in reverse order. */
async function startAll<Output extends string>(
  stack: LaptopStack<Output>,
  options: LaptopOptions,
  closeLater: (closer: Closer) => void,
): Promise<Omit<Laptop<Endpoints<Output>>, 'close'>> {
  const { log = () => undefined, clock = () => new Date(), iam = createAuthorizer } = options;
  const dir = openDataDir(resolve(options.dataDir), stack.name, options.start ?? 'keep');
  closeLater(dir.release);
  const { usualPort = DEFAULT_PORT } = options;
  const server = await listen(options.port, usualPort);
  closeLater(server.close);
  const assembly = openAssembly(await stack.assembly(log));

  log('Starting the services');
  const accessKeys = openAccessKeys(dir.of('access-keys.json'), SQS_ACCOUNT);
  const deniedLog = openLogFile(join(dir.of('logs'), 'denied.log'));
  closeLater(deniedLog.close);
  // The services start before the policies have been read. Until then, calls to the services wait.
  const policed = Promise.withResolvers<Authorize>();
  const authorize = recordDenials(async (request) => (await policed.promise)(request), {
    log: deniedLog,
    say: options.denied ?? (() => undefined),
    clock,
  });
  const callers = { accessKeys, authorize, clock };
  const home = { region: REGION, accountId: SQS_ACCOUNT };
  const basePort = options.port ?? usualPort;
  const objects = new EventEmitter<{ created: [CreatedObject] }>();
  const services = await startServices({
    basePort,
    onObjectCreated: (object) => objects.emit('created', object),
    dirOf: dir.of,
    ...home,
    ...callers,
  });
  closeLater(services.close);

  const model = openStackModel(readTemplate(assembly.templatePath), {
    ...home,
    stackName: assembly.stackName,
    queueUrl: (name) => `${services.urls.sqs}/${SQS_ACCOUNT}/${name}`,
  });
  const { ignoredTypes = {} } = stack;
  refuseUnknownTypes(model, ignoredTypes);
  const api = readApi(model);
  const eventLog = openLogFile(join(dir.of('logs'), 'event-buses.log'));
  closeLater(eventLog.close);
  const events = openEvents(model, {
    accountId: SQS_ACCOUNT,
    ignoredTypes,
    log: eventLog,
    authorize,
    clock,
    sendMessage: services.sqs.sendMessage,
    invoke: (arn, event) => functions.invoke(arn, event),
  });
  closeLater(events.idle);
  const guardDuty = await startGuardDuty(model, {
    port: portOf('guardduty', basePort),
    s3: services.s3,
    publish: events.publish,
    choose: options.scanner,
    log,
    ...callers,
  });
  closeLater(guardDuty.close);
  const eventBridge = await onPortOrFree(portOf('events', basePort), (port) =>
    startEventsApi(
      { port, place: model.place, putEvent: events.putEvent },
      { credentials: accessKeys.lookup, authorize, clock },
    ),
  );
  closeLater(eventBridge.close);
  objects.on('created', events.announce).on('created', guardDuty.watch);
  const queueMappings = readQueueMappings(model);
  const streamMappings = readStreamMappings(model);
  const mappings = [...queueMappings, ...streamMappings];
  const urls = {
    ...services.urls,
    guardduty: guardDuty.url,
    events: eventBridge.url,
    api: `${server.url}/${api.stageName}`,
  };
  const defined = defineFunctions(
    model,
    new Set([...[...api.routes, ...mappings].map((each) => each.functionArn), ...events.targets]),
    {
      assemblyDir: assembly.dir,
      logDir: dir.of('logs'),
      homeDir: dir.of('home'),
      endpoints: {
        DYNAMODB: urls.dynamodb,
        DYNAMODB_STREAMS: urls.dynamodb,
        S3: urls.s3,
        SQS: urls.sqs,
        SES: urls.ses,
        KMS: urls.kms,
        GUARDDUTY: urls.guardduty,
        EVENTBRIDGE: urls.events,
      },
      substituted: stack.environment?.(urls) ?? {},
      nameVariable: stack.functionNameVariable,
      accessKeyOf: (name) => accessKeys.keyOf('role', name),
    },
  );
  const functions = runFunctions(defined);
  const management = await onPortOrFree(portOf('apigateway', basePort), (port) =>
    startManagementApi({ port, api, region: REGION, functions, ...callers }),
  );
  closeLater(management.close);
  const policies = readPolicies(model, defined, guardDuty.roles);
  policed.resolve(iam({ policies, implied: impliedCalls(model), accessKeys, ...home, clock }));

  log('Creating keys, buckets, tables, and queues');
  const operator = accessKeys.keyOf('user', OPERATOR);
  const clients = createClients(services.urls, operator, REGION);
  closeLater(clients.destroy);
  const deployed = `https://${api.apiId}.execute-api.${REGION}.amazonaws.com`;
  const origins = { deployed, local: [server.url, server.url.replace('127.0.0.1', 'localhost')] };
  const { s3, kms, dynamodb } = services;
  await provision(model, { ...clients, s3, kms, streams: dynamodb.streams, origins });
  const endpoints = gatherEndpoints(
    { ...urls, apigateway: management.url, restApiId: api.apiId },
    model,
    operator,
    stack.outputs,
    stack.optionalOutputs,
  );
  await stack.seed?.(clients, endpoints);

  // As on AWS, a poller uses the permissions of its function's role.
  const keyOfFunction = (functionArn: string): AccessKey => {
    const target = defined.find(({ arn }) => arn === functionArn);
    return accessKeys.keyOf('role', target?.shortName ?? functionArn);
  };
  const streamPollers = startStreamPollers(streamMappings, {
    streams: dynamodb.streams,
    authorize,
    clock,
    accessKeyIdOf: (functionArn) => keyOfFunction(functionArn).accessKeyId,
    invoke: functions.invoke,
    sendMessage: services.sqs.sendMessage,
  });
  const queuePollers = queueMappings.map((mapping) => {
    const credentials = keyOfFunction(mapping.functionArn);
    const sqs = new SQSClient({ endpoint: urls.sqs, region: REGION, credentials });
    return pollQueue(mapping, {
      sqs,
      region: REGION,
      invoke: (event) => functions.invoke(mapping.functionArn, event),
    });
  });
  closeLater(events.startSchedules());
  server.serve({
    stageName: api.stageName,
    gateway: createGateway({ api, region: REGION, functions, ...callers }),
  });
  // Stop everything together, because requests and batches in progress need their functions.
  closeLater(() =>
    Promise.all([
      server.close(),
      functions.close(),
      ...[...queuePollers, ...streamPollers].map((poller) => poller.stop()),
    ]),
  );

  const files = { endpoints: dir.of('endpoints.json'), awsConfig: dir.of('aws-config') };
  writeEndpoints(files, endpoints);
  closeLater(() => removeEndpoints(files));
  const moved = options.port === undefined && new URL(server.url).port !== String(usualPort);
  return {
    endpoints,
    dataDir: dir.path,
    takenPort: moved ? usualPort : undefined,
    invoke: functions.invoke,
    idle: functions.idle,
    malwareScanner: guardDuty.scanner,
    putEvent: events.putEvent,
    publishEvent: events.publish,
    runSchedule: events.runSchedule,
    removeExpired: dynamodb.removeExpired,
  };
}

/** Listens on exactly the given port. Without one, listens on the usual port or, if that is taken, on any free port. */
function listen(port: number | undefined, usualPort: number): Promise<ApiServer> {
  return port === undefined ? onPortOrFree(usualPort, startApiServer) : onExactPort(port, startApiServer);
}
