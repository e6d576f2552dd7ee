/** What an instance is started with. */
export interface InstanceStart {
  /** The module in the bundle that exports the handler, as a file URL. */
  readonly moduleUrl: string;
  /** The folder, as a file URL, whose `.js` files are CommonJS, whatever package.json lies above it. */
  readonly commonJsFolder?: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Megabytes. */
  readonly memoryMb: number;
}

/** One event for an instance. */
export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  /** The event in JSON: as on Lambda, nothing but JSON gets in or out. */
  readonly event: string;
  /** When the function times out, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** What an instance is told. */
export type ToInstance =
  | InvokeMessage
  /** The reader took the chunk that was sent last: the next one may come. */
  | { readonly type: 'taken' }
  /** Nobody reads the response any more. */
  | { readonly type: 'abandoned' };

/** What an instance tells of the response that it streams. */
export type ResponseMessage =
  /** A part of it; the next one waits until this one is taken. */
  { readonly type: 'chunk'; readonly bytes: Uint8Array } | { readonly type: 'end' };

/** What an instance tells: that it is warm, or how an event went. */
export type InstanceMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly payload: string }
  /** The handler is done, and so is the response that it streamed. */
  | { readonly type: 'streamed' }
  | { readonly type: 'error'; readonly error: FunctionError };

/** An error as Lambda answers it to whoever invoked the function. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}
