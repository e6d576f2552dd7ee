/*
 * Runs in a worker as one execution environment of a function, like Lambda's Node.js runtime. Node runs this file
 * directly and strips its types. Do not import modules of local mode's main thread.
 */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  FunctionError,
  InstanceMessage,
  InvokeMessage,
  ResponseMessage,
  ToInstance,
  WorkerStart,
} from './messages.ts';
import { type Outlet, ResponseStream } from './response-stream.ts';
import { installAwsLambda, type StreamingHandler, streamOptionsOf } from './streaming-handler.ts';

const start = workerData as WorkerStart;
const port = parentPort;
if (port === null) throw new Error('The runtime must run in a worker.');
const send = (message: InstanceMessage | ResponseMessage): void => port.postMessage(message);

installAwsLambda();
slowDownTimers();
const bundle = (await loadBundle(start)) as Readonly<Record<string, unknown>>;
const handle = handlerOf(bundle[start.exportName]);

/** The response that is being streamed. An instance handles only one event at a time. */
let streaming: { readonly response: ResponseStream; taken(): void; abandoned: boolean } | undefined;

port.on('message', async (message: ToInstance) => {
  switch (message.type) {
    case 'taken':
      streaming?.taken();
      return;
    case 'abandoned':
      if (streaming === undefined) return;
      streaming.abandoned = true;
      streaming.response.destroy(new Error('The client closed the connection.'));
      return;
    case 'invoke':
      break;
  }
  const reply = await replyTo(message);
  // Flush, so that the function's output precedes the end of the invocation in the log.
  await Promise.all([process.stdout, process.stderr].map(flushed));
  send(reply);
});
send({ type: 'ready' });

type Handle = (message: InvokeMessage) => Promise<InstanceMessage>;

/**
 * Factor by which the timers of functions are slowed down. Functions often give up on a call after a second or two,
 * because AWS answers within milliseconds. In local mode, a slow response only means that the computer is busy.
 */
const TIMER_FACTOR = 10;

/**
 * Multiplies the delays of `setTimeout` by the {@link TIMER_FACTOR}. The timeout of the function itself does not
 * change.
 */
function slowDownTimers(): void {
  const real = globalThis.setTimeout;
  const slow = (callback: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) =>
    real(callback, milliseconds * TIMER_FACTOR, ...args);
  globalThis.setTimeout = Object.assign(slow, real);
}

/** Loads the handler's module according to Lambda's rules: without a package.json in the bundle, `.js` is CommonJS. */
function loadBundle({ moduleUrl, commonJsFolder }: WorkerStart): unknown {
  if (commonJsFolder === undefined || !moduleUrl.endsWith('.js')) return import(moduleUrl);
  registerHooks({
    load: (url, context, load) =>
      url.startsWith(commonJsFolder) && url.endsWith('.js')
        ? { format: 'commonjs', source: readFileSync(new URL(url), 'utf8'), shortCircuit: true }
        : load(url, context),
  });
  return createRequire(commonJsFolder)(fileURLToPath(moduleUrl));
}

function handlerOf(exported: unknown): Handle {
  if (typeof exported !== 'function')
    throw new Error(`The bundle does not export a handler '${start.exportName}'.`);
  const options = streamOptionsOf(exported);
  if (options !== undefined) {
    return (message) => stream(message, (...event) => exported(...event), options);
  }
  return async (message) => {
    const result: unknown = await exported(JSON.parse(message.event), contextOf(message));
    // As on Lambda, the result of a function that returns undefined is null.
    return { type: 'result', payload: JSON.stringify(result) ?? 'null' };
  };
}

async function replyTo(message: InvokeMessage): Promise<InstanceMessage> {
  try {
    return await handle(message);
  } catch (error) {
    console.error(error);
    return { type: 'error', error: functionError(error) };
  }
}

/** Resolves once both the handler and its response have finished. Rejects if the handler or the response fails. */
async function stream(
  message: InvokeMessage,
  handler: StreamingHandler,
  options: { readonly highWaterMark?: number },
): Promise<InstanceMessage> {
  const { outlet, taken } = openOutlet();
  const current = { response: new ResponseStream(outlet, options), taken, abandoned: false };
  streaming = current;
  const complete = finished(current.response);
  // The response may fail while the handler is still running. The error is handled once the handler returns.
  complete.catch(() => undefined);
  try {
    const returned = handler(JSON.parse(message.event), current.response, contextOf(message));
    if (!isThenable(returned)) throw new Error('Streaming does not support non-async handlers.');
    if ((await returned) !== undefined) console.warn('Streaming handlers ignore return values.');
    // A handler can return before its response has ended. If the response never ends, the function times out.
    await complete.catch((error: unknown) => {
      if (!current.abandoned) throw error;
    });
    return { type: 'streamed' };
  } finally {
    current.response.destroy();
    streaming = undefined;
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** Creates an outlet that sends a response to the main thread, one chunk at a time. */
function openOutlet(): { readonly outlet: Outlet; taken(): void } {
  let onTaken: (() => void) | undefined;
  return {
    outlet: {
      send: (bytes, taken) => {
        onTaken = taken;
        port?.postMessage({ type: 'chunk', bytes } satisfies ResponseMessage, [bytes.buffer]);
      },
      end: () => send({ type: 'end' }),
    },
    taken: () => onTaken?.(),
  };
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
