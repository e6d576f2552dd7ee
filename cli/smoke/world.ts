/** One request to the deployed functions. */
export interface SmokeCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The resource as the API names it, such as `/links/{tokenId}`. */
  readonly resource: string;
  /** The path, with values for the parameters of the resource. Absent if the resource has none. */
  readonly path?: string;
  readonly body?: object;
}

/** A response. It may contain a token or a URL, so it is never shown. */
export interface SmokeResponse {
  readonly status: number;
  readonly location?: string;
  readonly body: unknown;
}

/** The operations that a smoke test performs on a deployment. */
export interface SmokeWorld {
  putFile(asset: string, bytes: Uint8Array): Promise<void>;
  /** Deletes every version of a file. */
  removeFile(asset: string): Promise<void>;
  call(call: SmokeCall): Promise<SmokeResponse>;
  download(url: string): Promise<{ readonly status: number; readonly bytes: Uint8Array }>;
}
