/*
 * Runs inside a worker: one execution environment of one function, as Lambda's Node.js runtime is. Node strips
 * the types itself; nothing of the laptop but types is imported here.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionError, InstanceMessage, InstanceStart, InvokeMessage } from './messages.ts';

const start = workerData as InstanceStart;
const port = parentPort;
if (port === null) throw new Error('The runtime runs in a worker.');
const send = (message: InstanceMessage): void => port.postMessage(message);

const bundle = (await import(start.moduleUrl)) as Readonly<Record<string, unknown>>;
const handler = handlerOf(bundle[start.exportName]);

port.on('message', async (message: InvokeMessage) => {
  const answer = await handle(message);
  // So that what the function printed stands before the end of its invocation.
  await Promise.all([process.stdout, process.stderr].map(flushed));
  send(answer);
});
send({ type: 'ready' });

function handlerOf(exported: unknown): (event: unknown, context: unknown) => unknown {
  if (typeof exported !== 'function') throw new Error(`The bundle exports no handler '${start.exportName}'.`);
  return (event, context) => exported(event, context);
}

async function handle(message: InvokeMessage): Promise<InstanceMessage> {
  try {
    const result: unknown = await handler(JSON.parse(message.event), contextOf(message));
    // A function that returns nothing answers null.
    return { type: 'result', payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    console.error(error);
    return { type: 'error', error: functionError(error) };
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> | undefined {
  if (stream.writableLength === 0) return undefined;
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, deadlineMs }: InvokeMessage) {
  return {
    functionName: start.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: start.functionArn,
    memoryLimitInMB: String(start.memoryMb),
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

function functionError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}
