import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { openLogFile } from '../../src/functions/log-file.ts';
import { type RunningFunctions, runFunctions } from '../../src/functions/run-functions.ts';
import { type PlainResponse, SmallApi, type SmallApiOptions } from './small-api.ts';

interface StreamedApiOptions {
  /** The source of the module that exports `handler`. The module can `report` to the test. */
  readonly source: string;
  /** @default 'STREAM' */
  readonly mode?: 'BUFFERED' | 'STREAM';
  /** The function's timeout in seconds. @default - Lambda's maximum */
  readonly timeout?: number;
  readonly gateway?: Partial<SmallApiOptions>;
}

/**
 * Returns the source of a function that responds with 200 and then runs the given code, which writes the body to
 * `stream`. `put` resolves once the stream has accepted the bytes. `query` contains the request's query parameters, and
 * `id` identifies the instance.
 */
export const streaming = (body: string): string =>
  `const id = Math.random();
   export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
     const stream = awslambda.HttpResponseStream.from(responseStream, { statusCode: 200 });
     const put = (bytes) => new Promise((resolve, reject) =>
       stream.write(bytes, (error) => error ? reject(error) : resolve()));
     const query = event.queryStringParameters ?? {};
     ${body}
   });`;

const ARN = 'arn:aws:lambda:us-east-1:111122223333:function:Small-Work';

/** The gateway in front of a real function, at `/v1/file` with any method. */
export class StreamedApi {
  readonly #dir = mkdtempSync(join(tmpdir(), 'streamed-api-'));
  readonly #api = new SmallApi();
  readonly #functions: RunningFunctions;
  readonly #options: StreamedApiOptions;
  readonly #channel: BroadcastChannel;
  readonly #reports: unknown[] = [];
  readonly #reporting = new EventEmitter();
  #closed: Promise<unknown> | undefined;

  constructor(options: StreamedApiOptions) {
    const file = join(this.#dir, 'index.mjs');
    const channel = JSON.stringify(this.#dir);
    writeFileSync(
      file,
      `import { BroadcastChannel } from 'node:worker_threads';
       const channel = new BroadcastChannel(${channel});
       const report = (value) => channel.postMessage(value);
       ${options.source}`,
    );
    this.#options = options;
    this.#channel = new BroadcastChannel(this.#dir);
    this.#channel.onmessage = (message: unknown) => {
      this.#reports.push((message as { data: unknown }).data);
      this.#reporting.emit('report');
    };
    const definition = {
      moduleUrl: pathToFileURL(file).href,
      exportName: 'handler',
      functionName: 'Small-Work',
      functionArn: ARN,
      memoryMb: 256,
      timeoutMs: (options.timeout ?? 900) * 1000,
      environment: {},
      log: openLogFile(join(this.#dir, 'work.log')),
    };
    this.#functions = runFunctions([{ shortName: 'work', arn: ARN, definition }]);
  }

  async start(): Promise<this> {
    const { mode = 'STREAM', gateway = {} } = this.#options;
    await this.#api.start({ routes: [['ANY', '/file', 'NONE', mode]], ...gateway });
    this.#api.respond = (event) => this.#functions.invoke(ARN, event);
    this.#api.stream = (event) => this.#functions.invokeWithResponseStream(ARN, event);
    return this;
  }

  get functions(): RunningFunctions {
    return this.#functions;
  }

  /** The function's reports, oldest first. */
  get reports(): readonly unknown[] {
    return this.#reports;
  }

  /** Resolves once the function has reported a value. */
  async reported(value: unknown): Promise<void> {
    while (!this.#reports.includes(value)) await once(this.#reporting, 'report');
  }

  /** Resolves to all reports once there are at least `times` reports. */
  async reportedTimes(times: number): Promise<readonly unknown[]> {
    while (this.#reports.length < times) await once(this.#reporting, 'report');
    return this.#reports;
  }

  /** Sends a message to the function's `channel`. */
  post(value: unknown): void {
    this.#channel.postMessage(value);
  }

  /** Sends a request, and reads its response to the end. Rejects if the response is incomplete. */
  send(method = 'GET', query = '', body?: Buffer): Promise<PlainResponse> {
    return this.#api.send({ method, target: `/v1/file${query}`, ...(body === undefined ? {} : { body }) });
  }

  /** Sends a request, and returns its response without reading the body. */
  async open(query = ''): Promise<IncomingMessage> {
    const [response] = (await once(this.begin(query), 'response')) as [IncomingMessage];
    return response;
  }

  /** Sends a request without waiting for its response. */
  begin(query = ''): ClientRequest {
    const { hostname, port } = this.#api.url;
    return httpRequest({ hostname, port, path: `/v1/file${query}`, agent: false }).end();
  }

  /** The function's log. It is complete after `close`. */
  get log(): string {
    return readFileSync(join(this.#dir, 'work.log'), 'utf8');
  }

  /** Stops the server and the function at the same time, as local mode does. */
  async close(): Promise<void> {
    this.#closed ??= Promise.all([this.#api.stop(), this.#functions.close()]);
    await this.#closed;
  }

  remove(): void {
    this.#channel.close();
    rmSync(this.#dir, { recursive: true });
  }
}

/** Reads the body of a response. Returns the bytes that arrived, and whether the body is complete. */
export async function readBody(response: IncomingMessage) {
  const parts: Buffer[] = [];
  try {
    for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
    return { complete: response.complete, body: Buffer.concat(parts) };
  } catch {
    return { complete: false, body: Buffer.concat(parts) };
  }
}

/** Returns functions to start and stop an API in each test. */
export function streamedApis() {
  let api: StreamedApi | undefined;
  return {
    start: (
      source: string,
      options: Partial<ConstructorParameters<typeof StreamedApi>[0]> = {},
    ): Promise<StreamedApi> => {
      api = new StreamedApi({ source, ...options });
      return api.start();
    },
    /** Stops the API if it was started, and removes its files. */
    stop: async (): Promise<void> => {
      await api?.close();
      api?.remove();
      api = undefined;
    },
  };
}
