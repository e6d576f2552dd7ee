export interface InstanceStart {
  /** The module in the bundle that exports the handler, as a file URL. */
  readonly moduleUrl: string;
  /** URL of a folder whose `.js` files are CommonJS, regardless of any package.json above it. */
  readonly commonJsFolder?: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
}

export interface WorkerStart extends InstanceStart {
  /** The folder of the compile cache, if this process has one. */
  readonly compileCache: string | undefined;
}

/** A message that makes an instance handle one event. */
export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  /** The event in JSON. As on Lambda, events and results are passed only as JSON. */
  readonly event: string;
  /** Time at which the function times out, in epoch milliseconds. */
  readonly deadlineMs: number;
}

export type ToInstance =
  | InvokeMessage
  /** The reader has taken the last chunk. The instance can send the next one. */
  | { readonly type: 'taken' }
  /** The reader has disconnected. */
  | { readonly type: 'abandoned' };

/** A message from an instance that streams a response. */
export type ResponseMessage =
  /** A part of the response. The instance sends the next part once the reader has taken this one. */
  { readonly type: 'chunk'; readonly bytes: Uint8Array } | { readonly type: 'end' };

/** A message from an instance that has been initialized or has finished an event. */
export type InstanceMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly payload: string }
  /** The handler and its streamed response have finished. */
  | { readonly type: 'streamed' }
  | { readonly type: 'error'; readonly error: FunctionError };

/** An error in the format that Lambda returns to the invoker of a function. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}
