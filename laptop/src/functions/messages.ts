/** The parameters of an instance. */
export interface InstanceStart {
  /** The module in the bundle that exports the handler, as a file URL. */
  readonly moduleUrl: string;
  /** The folder, as a file URL, in which `.js` files are CommonJS, even if a package.json above it says otherwise. */
  readonly commonJsFolder?: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Megabytes. */
  readonly memoryMb: number;
}

/** What a worker is started with. */
export interface WorkerStart extends InstanceStart {
  /** The folder with compiled code, if this process keeps any. */
  readonly compileCache: string | undefined;
}

/** A message that makes an instance handle one event. */
export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  /** The event in JSON. As on Lambda, only JSON gets in and out. */
  readonly event: string;
  /** When the function times out, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** A message to an instance. */
export type ToInstance =
  | InvokeMessage
  /** The reader took the last chunk. The next one may follow. */
  | { readonly type: 'taken' }
  /** Nobody reads the response anymore. */
  | { readonly type: 'abandoned' };

/** A message from an instance about the response that it streams. */
export type ResponseMessage =
  /** A part of the response. The next part waits until this one is taken. */
  { readonly type: 'chunk'; readonly bytes: Uint8Array } | { readonly type: 'end' };

/** A message from an instance: it is warm, or an event has ended. */
export type InstanceMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly payload: string }
  /** The handler has finished, and so has the response that it streamed. */
  | { readonly type: 'streamed' }
  | { readonly type: 'error'; readonly error: FunctionError };

/** An error, as Lambda reports it to the invoker of the function. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}
