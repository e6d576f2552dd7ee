/** What an instance is started with. */
export interface InstanceStart {
  /** The module in the bundle that exports the handler, as a file URL. */
  readonly moduleUrl: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Megabytes. */
  readonly memoryMb: number;
}

/** One event for an instance. */
export interface InvokeMessage {
  readonly requestId: string;
  /** The event in JSON: as on Lambda, nothing but JSON gets in or out. */
  readonly event: string;
  /** When the function times out, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** What an instance tells: that it is warm, or how an event went. */
export type InstanceMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly payload: string }
  | { readonly type: 'error'; readonly error: FunctionError };

/** An error as Lambda answers it to whoever invoked the function. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}
