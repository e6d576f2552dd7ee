/** One request to the deployed functions. */
export interface SmokeCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As the API spells it, such as `/links/{tokenId}`. */
  readonly resource: string;
  /** The same with its parameters filled in; the resource itself when left out. */
  readonly path?: string;
  readonly body?: object;
}

/** What was answered. May hold a token or a URL: never shown. */
export interface SmokeAnswer {
  readonly status: number;
  readonly location?: string;
  readonly body: unknown;
}

/** What a smoke test does to a deployment. */
export interface SmokeWorld {
  putFile(asset: string, bytes: Uint8Array): Promise<void>;
  /** Removes every version of a file. */
  removeFile(asset: string): Promise<void>;
  call(call: SmokeCall): Promise<SmokeAnswer>;
  /** GETs a presigned URL. */
  download(url: string): Promise<{ readonly status: number; readonly bytes: Uint8Array }>;
}
