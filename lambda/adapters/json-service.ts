import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/transport';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { clientSettings } from './client-settings.ts';
import { isPassing } from './service-fault.ts';

/** Credentials of the caller. A session token makes them temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Tells which service to call, and as whom. */
export interface JsonServiceOptions {
  /** The service's name in a signature. */
  readonly service: 'kms' | 'sqs';
  /** Where it answers, such as `https://kms.eu-central-1.amazonaws.com`. */
  readonly url: string;
  /** What precedes the operation in `X-Amz-Target`. */
  readonly target: string;
  /** The version of the protocol in `Content-Type`. */
  readonly version: '1.0' | '1.1';
  readonly region: string;
  readonly credentials: Credentials;
}

/** The maximum pause before a call is repeated, in milliseconds, as in the SDK. A random pause keeps callers apart. */
const PAUSE_MS = 100;

/**
 * Calls a service in AWS's JSON protocol, with the SDK's signer and connection handler, the same timeouts, and the same
 * number of attempts. A whole client of the SDK costs a cold start more than all of our own code (docs/adr, "Call KMS and SQS without
 * their clients").
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export class JsonService {
  readonly #options: JsonServiceOptions;
  readonly #signer: SignatureV4;
  readonly #connections = new NodeHttpHandler({
    ...clientSettings.requestHandler,
    // An answer is short: a connection that stops in the middle of one is given up, too.
    socketTimeout: clientSettings.requestHandler.requestTimeout,
  });

  constructor(options: JsonServiceOptions) {
    const { service, region, credentials } = options;
    this.#options = options;
    this.#signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  }

  /**
   * Calls an operation that may run twice.
   *
   * @throws an error that {@link callService} understands
   */
  async call(operation: string, input: object): Promise<Readonly<Record<string, unknown>>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(operation, JSON.stringify(input));
      } catch (error) {
        if (attempt === clientSettings.maxAttempts || !isPassing(error)) throw error;
        await setTimeout(Math.random() * PAUSE_MS);
      }
    }
  }

  /** Closes idle connections. */
  destroy(): void {
    this.#connections.destroy();
  }

  async #attempt(operation: string, body: string): Promise<Readonly<Record<string, unknown>>> {
    const { url, target, version } = this.#options;
    const { protocol, hostname, port, host } = new URL(url);
    const request = new HttpRequest({
      method: 'POST',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: '/',
      headers: {
        host,
        'content-type': `application/x-amz-json-${version}`,
        'content-length': String(Buffer.byteLength(body)),
        'x-amz-target': `${target}.${operation}`,
      },
      body,
    });
    const signed = await this.#signer.sign(request);
    const answer = await this.#send(new HttpRequest(signed));
    if (answer.status === 200) return answer.content;
    throw failure(answer);
  }

  async #send(request: HttpRequest): Promise<Answer> {
    try {
      const { response } = await this.#connections.handle(request);
      const content: unknown = JSON.parse((await text(response.body)) || '{}');
      return {
        status: response.statusCode,
        requestId: response.headers['x-amzn-requestid'],
        content: content !== null && typeof content === 'object' ? { ...content } : {},
      };
    } catch (cause) {
      // No answer, or none that is whole.
      throw Object.assign(new Error('The service gave no answer', { cause }), { $metadata: {} });
    }
  }
}

interface Answer {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Makes an error as the SDK does: its name is the service's code. */
function failure({ status, requestId, content }: Answer): Error {
  const code = String(content.__type ?? 'UnknownError').replace(/^.*#/, '');
  const $metadata = { httpStatusCode: status, ...(requestId && { requestId }) };
  return Object.assign(new Error(`The service answered ${status}`), { name: code, $metadata });
}
