import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Authorize, type Conditions, type Denial, denialMessage } from '../access.ts';
import {
  type RequestHandler,
  type RunningService,
  readSmallBody,
  startLoopbackServer,
} from '../loopback-server.ts';
import { rawRequestOf } from '../sigv4/raw-request.ts';
import { type AwsError, awsErrorOf } from '../sigv4/signature-failure.ts';
import { type CredentialLookup, createSigV4Verifier, type SigV4Options } from '../sigv4/verify.ts';
import type { Emulator, Upstream } from './emulator.ts';

/** A right that a request needs. */
export interface Ask {
  /** The action's name in IAM, such as `dynamodb:PutItem`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys that only this service has. */
  readonly conditions?: Conditions;
}

export type Asked = readonly Ask[] | AwsError;

/** How to read and refuse requests to a service. */
export interface ProxiedService {
  readonly name: SigV4Options['service'];
  /** The maximum size of a request in bytes. */
  readonly maxBodyBytes: number;
  /** Lets a request in without a signature, such as one for the inbox page, or refuses it. @default - all must sign */
  admit?(request: IncomingMessage): 'unsigned' | 'signed' | AwsError;
  /**
   * Lists the rights that a request needs: none if the service itself is going to refuse it, and an error if they cannot
   * be determined.
   */
  asks(request: IncomingMessage, body: Buffer, upstream: Upstream): Asked | Promise<Asked>;
  refuse(response: ServerResponse, error: AwsError): void;
  /** Words a denial. @default - as most services do */
  worded?(denial: Denial): AwsError;
}

/** Tells the proxy who a caller is and what the caller may do. */
export interface Callers {
  readonly credentials: CredentialLookup;
  readonly authorize: Authorize;
  readonly clock: () => Date;
}

/**
 * Starts the proxy in front of an embedded service. It verifies the caller's signature, which none of the services
 * does, and asks IAM. It forwards complete requests only and never aborts one, because some of the services crash if a
 * client disconnects in the middle of a body. Closing the proxy closes the service.
 */
export async function startAuthProxy(
  service: ProxiedService,
  port: number,
  emulator: Emulator,
  { credentials, authorize, clock }: Callers,
): Promise<RunningService> {
  const verify = createSigV4Verifier({ service: service.name, credentials, clock });
  const worded = service.worded ?? wordedByDefault;

  const mayPass = async (request: IncomingMessage, body: Buffer): Promise<AwsError | undefined> => {
    const admitted = service.admit?.(request) ?? 'signed';
    if (admitted !== 'signed') return admitted === 'unsigned' ? undefined : admitted;
    const bodySha256 = hash('sha256', body);
    const verification = await verify(rawRequestOf(request), bodySha256);
    if (!verification.ok) return awsErrorOf(verification.failure);
    const { accessKeyId, ageMs } = verification.signature;
    const general = {
      'aws:SecureTransport': 'true',
      'aws:SourceIp': request.socket.remoteAddress ?? '127.0.0.1',
    };
    const asked = await service.asks(request, body, emulator.ask);
    if ('code' in asked) return asked;
    for (const { action, resource, conditions } of asked) {
      const decision = await authorize({
        accessKeyId,
        action,
        resource,
        signatureAgeMs: ageMs,
        conditions: { ...general, ...conditions },
      });
      if (!decision.allowed) return worded(decision);
    }
    return undefined;
  };

  const serve: RequestHandler = async (request, response) => {
    const body = await readSmallBody(request, response, service.maxBodyBytes).catch(() => undefined);
    if (request.destroyed && !request.complete) return;
    if (body === undefined)
      return service.refuse(response, { code: 'RequestEntityTooLargeException', message: 'Too large.' });
    const error = await mayPass(request, body);
    if (error !== undefined) return service.refuse(response, error);
    await forward(request, body, response, emulator.ask);
  };
  try {
    const proxy = await startLoopbackServer({ port }, serve);
    return {
      url: proxy.url,
      close: async () => {
        // Both at once, because the proxy waits for answers.
        await Promise.all([proxy.close(), emulator.endWaits?.()]);
        await emulator.close();
      },
    };
  } catch (error) {
    await emulator.close();
    throw error;
  }
}

const wordedByDefault = (denial: Denial): AwsError => ({
  code: 'AccessDeniedException',
  message: denialMessage(denial),
});

async function forward(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  upstream: Upstream,
): Promise<void> {
  const {
    'transfer-encoding': _framing,
    connection: _connection,
    expect: _expect,
    ...headers
  } = request.headers;
  const { method = 'GET', url: path = '/' } = request;
  const answer = await upstream({ method, path, headers, body });
  // The client may have disconnected.
  response.writeHead(answer.statusCode, answer.headers).end(answer.rawPayload);
}
