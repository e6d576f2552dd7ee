import { createHash } from 'node:crypto';
import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
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
import { type BackDoor, lockBackDoor } from './back-door.ts';

/** What a request asks IAM for: one action on one or more resources. */
export interface Ask {
  /** As IAM spells it, such as `dynamodb:PutItem`. */
  readonly action: string;
  readonly resources: readonly string[];
  /** Condition keys that only this service has. */
  readonly conditions?: Conditions;
}

/** How one service's requests are read and refused. */
export interface FrontedService {
  readonly name: SigV4Options['service'];
  /** Bytes of the longest request it takes. */
  readonly maxBodyBytes: number;
  /** Lets a request in without a signature, such as one for the inbox page, or refuses it. @default - all must sign */
  admit?(request: IncomingMessage): 'unsigned' | 'signed' | AwsError;
  /** Undefined for a request that the service itself is going to refuse. */
  asks(request: IncomingMessage, body: Buffer): Ask | undefined;
  refuse(response: ServerResponse, error: AwsError): void;
  /** How the service words what IAM denies. @default - as most of them do */
  worded?(denial: Denial): AwsError;
}

/** What every front needs to know about callers. */
export interface Callers {
  readonly credentials: CredentialLookup;
  readonly authorize: Authorize;
  readonly clock: () => Date;
}

/** An embedded service behind its front, listening on 127.0.0.1. */
export interface Emulator {
  readonly server: Server;
  close(): Promise<void>;
}

/**
 * Starts the door to an embedded service: it verifies the caller's signature, which none of them does, and asks
 * IAM. It hands on whole requests only and never breaks one off, since a client that goes away in the middle of
 * its body would end the whole process in some of them. Nobody else reaches the service. Closing it closes the
 * service.
 */
export async function startFront(
  service: FrontedService,
  port: number,
  emulator: Emulator,
  { credentials, authorize, clock }: Callers,
): Promise<RunningService> {
  const verify = createSigV4Verifier({ service: service.name, credentials, clock });
  const agent = new Agent({ keepAlive: true });
  const upstream = lockBackDoor(emulator.server);
  const worded = service.worded ?? wordedByDefault;

  const mayPass = async (request: IncomingMessage, body: Buffer): Promise<AwsError | undefined> => {
    const admitted = service.admit?.(request) ?? 'signed';
    if (admitted !== 'signed') return admitted === 'unsigned' ? undefined : admitted;
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    const verification = await verify(rawRequestOf(request), bodySha256);
    if (!verification.ok) return awsErrorOf(verification.failure);
    const { accessKeyId, ageMs } = verification.signature;
    const ask = service.asks(request, body);
    if (ask === undefined) return undefined;
    const conditions = {
      'aws:SecureTransport': 'true',
      'aws:SourceIp': request.socket.remoteAddress ?? '127.0.0.1',
      ...ask.conditions,
    };
    for (const resource of ask.resources) {
      const { action } = ask;
      const decision = await authorize({ accessKeyId, action, resource, signatureAgeMs: ageMs, conditions });
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
    await forward(request, body, response, { upstream, agent });
  };
  try {
    const front = await startLoopbackServer({ port }, serve);
    return {
      url: front.url,
      close: async () => {
        // Together: the front waits for answers, and a long poll ends when the emulator does.
        await Promise.all([front.close(), emulator.close()]);
        agent.destroy();
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
  { upstream, agent }: { readonly upstream: BackDoor; readonly agent: Agent },
): Promise<void> {
  const {
    'transfer-encoding': _framing,
    connection: _connection,
    expect: _expect,
    ...headers
  } = request.headers;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const onward = httpRequest(
      {
        agent,
        host: upstream.host,
        port: upstream.port,
        method: request.method,
        path: request.url,
        headers: { ...headers, ...upstream.key, 'content-length': String(body.length) },
      },
      resolve,
    );
    onward.on('error', reject);
    onward.end(body);
  });
  const {
    'transfer-encoding': _framed,
    connection: _kept,
    'keep-alive': _alive,
    ...answered
  } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, answered);
  // The client may have gone away; the service's answer is read to its end all the same.
  await pipeline(answer, response).catch(() => answer.resume());
}
