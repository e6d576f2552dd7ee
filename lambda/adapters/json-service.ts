import { SignedRequests, type SignedRequestsOptions } from './signed-requests.ts';

export interface JsonServiceOptions extends SignedRequestsOptions {
  /** Prefix of the operation in `X-Amz-Target`. */
  readonly target: string;
  /** Protocol version in `Content-Type`. */
  readonly version: '1.0' | '1.1';
}

/**
 * Calls a service with AWS's JSON protocol, which names the operation in a header.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export class JsonService {
  readonly #options: JsonServiceOptions;
  readonly #requests: SignedRequests;

  constructor(options: JsonServiceOptions) {
    this.#options = options;
    this.#requests = new SignedRequests(options);
  }

  /**
   * Calls an operation, which must be safe to repeat.
   *
   * @throws an error that {@link callService} understands
   */
  async call(operation: string, input: object): Promise<Readonly<Record<string, unknown>>> {
    const { target, version } = this.#options;
    return await this.#requests.post('/', input, {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operation}`,
    });
  }

  /** Closes idle connections. */
  destroy(): void {
    this.#requests.destroy();
  }
}
