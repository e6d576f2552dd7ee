import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/transport';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { clientSettings } from './client-settings.ts';
import { isPassing } from './service-fault.ts';

/** AWS credentials. Temporary credentials have a session token. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The service to call, and the credentials to use. */
export interface SignedRequestsOptions {
  /** Name of the service in signatures. */
  readonly service: 'kms' | 'sqs' | 'guardduty' | 'events';
  /** Endpoint, such as `https://kms.eu-central-1.amazonaws.com`. */
  readonly url: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/**
 * Maximum pause before a retry, in milliseconds, as in the SDK. The pause is random, so that callers do not all retry
 * at the same moment.
 */
const PAUSE_MS = 100;

/**
 * Sends JSON to a service, with the SDK's signer and connection handler, and with the timeouts and number of attempts
 * that all AWS clients share (client-settings.ts). Loading a whole SDK client would slow down a cold start more than
 * loading all of our own code (docs/adr, "Call KMS and SQS without their clients").
 */
export class SignedRequests {
  readonly #url: URL;
  readonly #signer: SignatureV4;
  readonly #connections = new NodeHttpHandler({
    ...clientSettings.requestHandler,
    // Responses are short, so a connection that stalls during a response is closed.
    socketTimeout: clientSettings.requestHandler.requestTimeout,
  });

  constructor({ service, url, region, credentials }: SignedRequestsOptions) {
    this.#url = new URL(url);
    this.#signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  }

  /**
   * Posts a request, which must be safe to repeat.
   *
   * @throws an error that {@link callService} understands
   */
  async post(
    path: string,
    input: object,
    headers: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const request = this.#request(path, JSON.stringify(input), headers);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(request);
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

  #request(path: string, body: string, headers: Readonly<Record<string, string>>): HttpRequest {
    const { protocol, hostname, port, host } = this.#url;
    return new HttpRequest({
      method: 'POST',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path,
      headers: { ...headers, host, 'content-length': String(Buffer.byteLength(body)) },
      body,
    });
  }

  async #attempt(request: HttpRequest): Promise<Readonly<Record<string, unknown>>> {
    const signed = await this.#signer.sign(request);
    const received = await this.#send(new HttpRequest(signed));
    if (received.status === 200) return received.content;
    throw failure(received);
  }

  async #send(request: HttpRequest): Promise<Received> {
    try {
      const { response } = await this.#connections.handle(request);
      const content: unknown = JSON.parse((await text(response.body)) || '{}');
      return {
        status: response.statusCode,
        requestId: response.headers['x-amzn-requestid'],
        errorType: response.headers['x-amzn-errortype'],
        content: content !== null && typeof content === 'object' ? { ...content } : {},
      };
    } catch (cause) {
      // A missing or incomplete response has no status, so it counts as transient.
      throw Object.assign(new Error('The service did not respond', { cause }), { $metadata: {} });
    }
  }
}

interface Received {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly errorType: string | undefined;
  readonly content: Readonly<Record<string, unknown>>;
}

/**
 * Creates an error like the SDK's: its name is the service's error code, without a namespace or a URL.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 */
function failure({ status, requestId, errorType, content }: Received): Error {
  const code = String(errorType ?? content.__type ?? 'UnknownError').replace(/:.*$|^.*#/g, '');
  const $metadata = { httpStatusCode: status, ...(requestId && { requestId }) };
  return Object.assign(new Error(`The service responded with ${status}`), { name: code, $metadata });
}
