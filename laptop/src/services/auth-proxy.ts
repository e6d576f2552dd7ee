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

/** A permission that a request needs. */
export interface RequiredPermission {
  /** The action's name in IAM, such as `dynamodb:PutItem`. */
  readonly action: string;
  readonly resource: string;
  /** The values of the service's own condition keys. */
  readonly conditions?: Conditions;
}

export type RequiredPermissions = readonly RequiredPermission[] | AwsError;

/** The parts of the proxy that depend on the service. */
export interface ProxiedService {
  readonly name: SigV4Options['service'];
  /** The region of the service. Signatures for other regions are rejected. */
  readonly region: string;
  /** Maximum size of a request in bytes. */
  readonly maxBodyBytes: number;
  /**
   * Decides whether a request must be signed, may be unsigned (such as one from the inbox page), or is rejected.
   * @default - all requests must be signed
   */
  admit?(request: IncomingMessage): 'unsigned' | 'signed' | AwsError;
  /**
   * Returns the permissions that a request needs: none if the service itself will reject the request, or an error if
   * the permissions cannot be determined.
   */
  requiredPermissions(
    request: IncomingMessage,
    body: Buffer,
    upstream: Upstream,
  ): RequiredPermissions | Promise<RequiredPermissions>;
  refuse(response: ServerResponse, error: AwsError): void;
  /** Returns the service's error for a denial. @default - the error that most services return */
  denialError?(denial: Denial): AwsError;
}

/** Authenticates and authorizes callers. */
export interface Callers {
  readonly credentials: CredentialLookup;
  readonly authorize: Authorize;
  readonly clock: () => Date;
}

/**
 * Starts the proxy in front of an embedded service. It verifies signatures, which embedded services do not do
 * themselves, and checks permissions. It forwards only complete requests and never aborts them, because some services
 * crash if a client disconnects in the middle of a body. Closing the proxy closes the service.
 */
export async function startAuthProxy(
  service: ProxiedService,
  port: number,
  emulator: Emulator,
  { credentials, authorize, clock }: Callers,
): Promise<RunningService> {
  const verify = createSigV4Verifier({ service: service.name, region: service.region, credentials, clock });
  const denialError = service.denialError ?? defaultDenialError;

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
    const permissions = await service.requiredPermissions(request, body, emulator.send);
    if ('code' in permissions) return permissions;
    for (const { action, resource, conditions } of permissions) {
      const decision = await authorize({
        accessKeyId,
        action,
        resource,
        signatureAgeMs: ageMs,
        conditions: { ...general, ...conditions },
      });
      if (!decision.allowed) return denialError(decision);
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
    await forward(request, body, response, emulator.send);
  };
  try {
    const proxy = await startLoopbackServer({ port }, serve);
    return {
      url: proxy.url,
      close: async () => {
        // End long polls while the proxy closes, because the proxy waits for their responses.
        await Promise.all([proxy.close(), emulator.endWaits?.()]);
        await emulator.close();
      },
    };
  } catch (error) {
    await emulator.close();
    throw error;
  }
}

const defaultDenialError = (denial: Denial): AwsError => ({
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
  const received = await upstream({ method, path, headers, body });
  // This does nothing if the client has disconnected.
  response.writeHead(received.statusCode, received.headers).end(received.rawPayload);
}
