import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LogFile } from './log-file.ts';
import type {
  FunctionError,
  InstanceMessage,
  InstanceStart,
  InvokeMessage,
  ResponseMessage,
  ToInstance,
  WorkerStart,
} from './messages.ts';
import type { ResponseBody } from './response-body.ts';

/** The bundle, limits, environment, and log that are needed to run a function. */
export interface FunctionDefinition extends InstanceStart {
  /** All environment variables of the function's instances, which inherit none from this process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly log: LogFile;
}

export type Outcome =
  /** The function's response, in JSON. */
  | { readonly kind: 'answered'; readonly payload: string }
  /** The function threw an error, crashed, timed out, or could not start. */
  | { readonly kind: 'failed'; readonly error: FunctionError }
  /** The event exceeds Lambda's limit. */
  | { readonly kind: 'too-large' };

/** The outcome of an invocation whose response may have been streamed. */
export type Ending = Outcome | { readonly kind: 'streamed' };

/** An execution environment: a worker that handles one event at a time. */
export interface Instance {
  /**
   * Sends an event to the instance, and resolves once the function has finished handling the event. The instance must
   * be alive ({@link isAlive}).
   *
   * @param body receives the streamed response, and has ended or been destroyed when the promise resolves
   */
  invoke(event: Pick<InvokeMessage, 'requestId' | 'event'>, body: ResponseBody): Promise<Ending>;
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** Timeout of a function's initialization (Lambda Developer Guide, "Lambda execution environment"). */
const INIT_TIMEOUT_MS = 10_000;

/** Starts an instance. The first invocation waits for its initialization. */
export function startInstance(definition: FunctionDefinition): Instance {
  const { log, timeoutMs } = definition;
  const worker = startWorker(definition);
  const life = watch(worker, log);

  const post = (message: ToInstance): void => worker.postMessage(message);

  /** Resolves to the worker's next message that is not part of a response, or to the error that ends the worker. */
  const nextWithin = async (
    milliseconds: number,
    what: string,
    body?: ResponseBody,
  ): Promise<InstanceMessage> => {
    const message = Promise.withResolvers<InstanceMessage>();
    const listen = (received: InstanceMessage | ResponseMessage): void => {
      if (received.type === 'chunk') body?.deliver(received.bytes, () => post({ type: 'taken' }));
      else if (received.type === 'end') body?.finish();
      else message.resolve(received);
    };
    worker.on('message', listen);
    const timer = setTimeout(() => {
      const errorMessage = `${what} timed out after ${milliseconds / 1000} seconds`;
      life.end({ errorType: 'Sandbox.Timedout', errorMessage });
    }, milliseconds);
    const first = await Promise.race([message.promise, life.over]);
    clearTimeout(timer);
    worker.off('message', listen);
    if ('type' in first) return first;
    await worker.terminate();
    return { type: 'error', error: first };
  };

  const startedAt = performance.now();
  let initMs: number | undefined;
  const ready = nextWithin(INIT_TIMEOUT_MS, 'Initialization').then((message) => {
    initMs = performance.now() - startedAt;
    return message;
  });
  return {
    isAlive: life.isAlive,
    stop: async () => {
      life.end({ errorType: 'Sandbox.Stopped', errorMessage: 'Local mode is stopping' });
      await worker.terminate();
    },
    invoke: async ({ requestId, event }, body) => {
      const began = await ready;
      log.write(`START RequestId: ${requestId} Version: $LATEST\n`);
      const from = performance.now();
      // On Lambda, a function is not notified if its client disconnects. Here, the function's response stream fails
      // immediately, so that tests can cover this case.
      const abandon = (): void => {
        if (!body.readableEnded) post({ type: 'abandoned' });
      };
      let message = began;
      if (began.type === 'ready') {
        post({ type: 'invoke', requestId, event, deadlineMs: Date.now() + timeoutMs });
        if (body.destroyed) abandon();
        else body.once('close', abandon);
        message = await nextWithin(timeoutMs, 'Task', body);
        body.off('close', abandon);
      }

      const ending = body.wasCut ? TOO_LONG : endingOf(message);
      if (ending.kind === 'failed') body.destroy(new Error(ending.error.errorMessage));
      else body.finish();
      const status = ending.kind === 'failed' ? `\tError: ${ending.error.errorType}` : '';
      const init = initMs === undefined ? '' : `\tInit Duration: ${initMs.toFixed(2)} ms`;
      initMs = undefined;
      const duration = (performance.now() - from).toFixed(2);
      log.write(
        `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${duration} ms${init}${status}\n`,
      );
      return ending;
    },
  };
}

const TOO_LONG: Outcome = {
  kind: 'failed',
  error: {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'The streamed response is longer than Lambda allows.',
  },
};

function startWorker({ environment, timeoutMs: _timeoutMs, log, ...start }: FunctionDefinition): Worker {
  // getCompileCacheDir returns a subfolder for the Node version. The worker appends that subfolder itself.
  const cache = getCompileCacheDir();
  const workerData: WorkerStart = { ...start, compileCache: cache && dirname(cache) };
  const worker = new Worker(new URL('./start-runtime.js', import.meta.url), {
    workerData,
    env: { ...environment },
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: workerData.memoryMb },
  });
  for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (chunk: Buffer) => log.write(chunk));
  return worker;
}

/** Whether a worker is alive, and the first reason why it ended. */
interface Life {
  isAlive(): boolean;
  end(reason: FunctionError): void;
  readonly over: Promise<FunctionError>;
}

function watch(worker: Worker, log: LogFile): Life {
  let alive = true;
  const over = Promise.withResolvers<FunctionError>();
  const end = (reason: FunctionError): void => {
    alive = false;
    over.resolve(reason);
  };
  worker.on('error', (error: unknown) => {
    log.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    end({ errorType: 'Runtime.ExitError', errorMessage: String(error) });
  });
  worker.on('exit', (code) =>
    end({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with status ${code}` }),
  );
  return { isAlive: () => alive, end, over: over.promise };
}

function endingOf(message: InstanceMessage): Ending {
  switch (message.type) {
    case 'result':
      return { kind: 'answered', payload: message.payload };
    case 'streamed':
      return { kind: 'streamed' };
    case 'error':
      return { kind: 'failed', error: message.error };
    case 'ready':
      throw new Error('The runtime reported twice that it was ready.');
  }
}
