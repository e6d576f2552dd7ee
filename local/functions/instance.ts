import { Worker } from 'node:worker_threads';
import type { LogFile } from './log-file.ts';
import type { FunctionError, InstanceMessage, InstanceStart, InvokeMessage } from './messages.ts';

/** A function as the template and the laptop define it. */
export interface FunctionDefinition extends InstanceStart {
  /** The whole environment of its instances; nothing of the laptop's own gets in. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly log: LogFile;
}

/** How an invocation ended. */
export type Outcome =
  /** The function's answer, in JSON. */
  | { readonly kind: 'answered'; readonly payload: string }
  /** The function threw, crashed, timed out or could not start. */
  | { readonly kind: 'failed'; readonly error: FunctionError }
  /** The event is longer than Lambda takes. */
  | { readonly kind: 'too-large' };

/** One execution environment: a worker that takes one event at a time. */
export interface Instance {
  /** Hands it an event. It is of no more use once {@link isAlive} says so. */
  invoke(event: Pick<InvokeMessage, 'requestId' | 'event'>): Promise<Outcome>;
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** Lambda gives a function's initialisation ten seconds (Lambda Developer Guide, "Lambda execution environment"). */
const INIT_TIMEOUT_MS = 10_000;

/** Starts an instance; it is cold until its first event is done. */
export function startInstance(definition: FunctionDefinition): Instance {
  const { log, timeoutMs } = definition;
  const worker = startWorker(definition);
  const life = watch(worker, log);

  /** The worker's next message, or why there is none: too late, or gone. */
  const nextWithin = async (milliseconds: number, what: string): Promise<InstanceMessage> => {
    const message = Promise.withResolvers<InstanceMessage>();
    worker.once('message', message.resolve);
    const timer = setTimeout(() => {
      const errorMessage = `${what} timed out after ${milliseconds / 1000} seconds`;
      life.end({ errorType: 'Sandbox.Timedout', errorMessage });
    }, milliseconds);
    const first = await Promise.race([message.promise, life.over]);
    clearTimeout(timer);
    worker.off('message', message.resolve);
    if ('type' in first) return first;
    await worker.terminate();
    return { type: 'error', error: first };
  };

  const startedAt = performance.now();
  let initMs: number | undefined;
  const ready = nextWithin(INIT_TIMEOUT_MS, 'Initialisation').then((message) => {
    initMs = performance.now() - startedAt;
    return message;
  });
  return {
    isAlive: life.isAlive,
    stop: async () => {
      life.end({ errorType: 'Sandbox.Stopped', errorMessage: 'The laptop is stopping' });
      await worker.terminate();
    },
    invoke: async ({ requestId, event }) => {
      const began = await ready;
      log.write(`START RequestId: ${requestId} Version: $LATEST\n`);
      const from = performance.now();
      const invocation: InvokeMessage = { requestId, event, deadlineMs: Date.now() + timeoutMs };
      if (began.type === 'ready') worker.postMessage(invocation);
      const message = began.type === 'ready' ? await nextWithin(timeoutMs, 'Task') : began;

      const outcome = outcomeOf(message);
      const status = outcome.kind === 'failed' ? `\tError: ${outcome.error.errorType}` : '';
      const init = initMs === undefined ? '' : `\tInit Duration: ${initMs.toFixed(2)} ms`;
      initMs = undefined;
      const duration = (performance.now() - from).toFixed(2);
      log.write(
        `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${duration} ms${init}${status}\n`,
      );
      return outcome;
    },
  };
}

function startWorker({ environment, timeoutMs: _timeoutMs, log, ...workerData }: FunctionDefinition): Worker {
  const worker = new Worker(new URL('./runtime.ts', import.meta.url), {
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

/** A worker's life: it ends once, for the first reason there is. */
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

function outcomeOf(message: InstanceMessage): Outcome {
  switch (message.type) {
    case 'result':
      return { kind: 'answered', payload: message.payload };
    case 'error':
      return { kind: 'failed', error: message.error };
    case 'ready':
      throw new Error('The runtime says twice that it is ready');
  }
}
