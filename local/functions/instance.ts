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
  const { environment, timeoutMs, log, ...workerData } = definition;
  const worker = new Worker(new URL('./runtime.ts', import.meta.url), {
    workerData,
    env: { ...environment },
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: workerData.memoryMb },
  });
  worker.stdout.on('data', (chunk: Buffer) => log.write(chunk));
  worker.stderr.on('data', (chunk: Buffer) => log.write(chunk));

  let death: FunctionError | undefined;
  const dead = new Promise<FunctionError>((resolve) => {
    const die = (error: FunctionError): void => {
      death ??= error;
      resolve(death);
    };
    worker.on('error', (error: unknown) => {
      log.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      die({ errorType: 'Runtime.ExitError', errorMessage: String(error) });
    });
    worker.on('exit', (code) =>
      die({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with status ${code}` }),
    );
  });
  const nextMessage = async (): Promise<InstanceMessage> => {
    const message = Promise.withResolvers<InstanceMessage>();
    worker.once('message', message.resolve);
    const first = await Promise.race([message.promise, dead]);
    worker.off('message', message.resolve);
    return 'type' in first ? first : { type: 'error', error: first };
  };
  const within = async (milliseconds: number, what: string): Promise<InstanceMessage> => {
    const timeout = Promise.withResolvers<InstanceMessage>();
    const timer = setTimeout(() => {
      death ??= {
        errorType: 'Sandbox.Timedout',
        errorMessage: `${what} timed out after ${milliseconds / 1000} seconds`,
      };
      timeout.resolve({ type: 'error', error: death });
    }, milliseconds);
    const message = await Promise.race([nextMessage(), timeout.promise]);
    clearTimeout(timer);
    if (death !== undefined) await worker.terminate();
    return message;
  };

  const startedAt = performance.now();
  let initMs: number | undefined;
  const ready = within(INIT_TIMEOUT_MS, 'Initialisation').then((message) => {
    initMs = performance.now() - startedAt;
    return message;
  });
  return {
    isAlive: () => death === undefined,
    stop: async () => {
      death ??= { errorType: 'Sandbox.Stopped', errorMessage: 'The laptop is stopping' };
      await worker.terminate();
    },
    invoke: async ({ requestId, event }) => {
      const began = await ready;
      log.write(`START RequestId: ${requestId} Version: $LATEST\n`);
      const from = performance.now();
      const invocation: InvokeMessage = { requestId, event, deadlineMs: Date.now() + timeoutMs };
      if (began.type === 'ready') worker.postMessage(invocation);
      const message = began.type === 'ready' ? await within(timeoutMs, 'Task') : began;
      const init = initMs === undefined ? '' : `\tInit Duration: ${initMs.toFixed(2)} ms`;
      initMs = undefined;
      log.write(`END RequestId: ${requestId}\n`);
      log.write(
        `REPORT RequestId: ${requestId}\tDuration: ${(performance.now() - from).toFixed(2)} ms${init}\n`,
      );
      if (message.type === 'result') return { kind: 'answered', payload: message.payload };
      const error =
        message.type === 'error'
          ? message.error
          : { errorType: 'Runtime.Unknown', errorMessage: 'The runtime answered out of turn' };
      log.write(`ERROR RequestId: ${requestId} ${error.errorType}: ${error.errorMessage}\n`);
      return { kind: 'failed', error };
    },
  };
}
