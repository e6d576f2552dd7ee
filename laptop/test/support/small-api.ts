import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sha256 } from '@aws-sdk/checksums/sha';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Authorize, allowAll } from '../../src/access.ts';
import { type AccessKey, type AccessKeys, openAccessKeys } from '../../src/access-keys.ts';
import { type ApiServer, startApiServer } from '../../src/api/api-server.ts';
import { createGateway } from '../../src/api/gateway.ts';
import { readApi } from '../../src/api/read-api.ts';
import type { Outcome } from '../../src/functions/instance.ts';
import type { StreamedOutcome } from '../../src/functions/pool.ts';
import { openStackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';

const REGION = 'us-east-1';
const ACCOUNT = '111122223333';

/** A route of the small API. `AWS_IAM` routes require a signature. */
type SmallRoute = readonly [
  method: string,
  path: string,
  auth: 'NONE' | 'AWS_IAM',
  mode?: 'BUFFERED' | 'STREAM',
];

export interface SmallApiOptions {
  readonly routes: readonly SmallRoute[];
  readonly binaryMediaTypes?: readonly string[];
  /** Properties of gateway responses, keyed by type. */
  readonly gatewayResponses?: Readonly<Record<string, object>>;
  readonly timeoutInMillis?: number;
  readonly streamIdleMs?: number;
  readonly authorize?: Authorize;
}

export interface PlainResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/**
 * A request that is sent without `fetch`, so that a test controls the spelling and order of headers. The target
 * includes the stage.
 */
export interface PlainRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: HeaderPairs;
  readonly body?: string | Buffer;
}

/** Returns the template of an API as the CDK would synthesize it. All routes invoke the same function. */
export function smallApiTemplate(options: SmallApiOptions) {
  const Resources: Record<string, unknown> = {
    Api: {
      Type: 'AWS::ApiGateway::RestApi',
      Properties: { Name: 'SmallApi', BinaryMediaTypes: options.binaryMediaTypes ?? [] },
    },
    Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId: { Ref: 'Api' } } },
    Stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: { RestApiId: { Ref: 'Api' }, DeploymentId: { Ref: 'Deployment' }, StageName: 'v1' },
    },
    Echo: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'echo' } },
  };
  const resourceFor = (path: string): object => {
    const parts = path.split('/').filter((part) => part !== '');
    return parts.reduce<object>(
      (ParentId, PathPart, index) => {
        const id = `Resource${parts
          .slice(0, index + 1)
          .join('_')
          .replace(/\W/g, 'X')}`;
        Resources[id] = { Type: 'AWS::ApiGateway::Resource', Properties: { ParentId, PathPart } };
        return { Ref: id };
      },
      { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
    );
  };
  for (const [index, [HttpMethod, path, AuthorizationType, mode]] of options.routes.entries()) {
    const [before, after] =
      mode === 'STREAM'
        ? ['2021-11-15/functions/', '/response-streaming-invocations']
        : ['2015-03-31/functions/', '/invocations'];
    const Uri = {
      'Fn::Join': [
        '',
        [`arn:aws:apigateway:x:lambda:path/${before}`, { 'Fn::GetAtt': ['Echo', 'Arn'] }, after],
      ],
    };
    const TimeoutInMillis = options.timeoutInMillis;
    Resources[`Method${index}`] = {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        HttpMethod,
        AuthorizationType,
        ResourceId: resourceFor(path),
        Integration: {
          Type: 'AWS_PROXY',
          Uri,
          ...(mode === undefined ? {} : { ResponseTransferMode: mode }),
          ...(TimeoutInMillis === undefined ? {} : { TimeoutInMillis }),
        },
      },
    };
  }
  for (const [ResponseType, properties] of Object.entries(options.gatewayResponses ?? {})) {
    Resources[`Response${ResponseType}`] = {
      Type: 'AWS::ApiGateway::GatewayResponse',
      Properties: { ResponseType, ...properties },
    };
  }
  return { Resources };
}

/** A gateway with a small template and a function that the test controls. */
export class SmallApi {
  /** The events with which the function was invoked, oldest first. */
  readonly events: unknown[] = [];
  /** The function behind buffered routes. */
  respond: (event: unknown) => Outcome | Promise<Outcome> = () => answered({ statusCode: 200, body: 'ok' });
  /** The function behind streaming routes. */
  stream: (event: unknown) => StreamedOutcome = () => {
    throw new Error('no route streams');
  };
  readonly #dir = mkdtempSync(join(tmpdir(), 'small-api-'));
  readonly #accessKeys: AccessKeys = openAccessKeys(join(this.#dir, 'keys.json'), ACCOUNT);
  #server: ApiServer | undefined;

  async start(options: SmallApiOptions): Promise<void> {
    this.#server = await startApiServer(0);
    const place = { region: REGION, accountId: ACCOUNT, stackName: 'Small', queueUrl: () => '' };
    const api = readApi(openStackModel(parseTemplate(smallApiTemplate(options)), place));
    this.#server.serve({
      stageName: api.stageName,
      gateway: createGateway({
        api,
        region: REGION,
        accessKeys: this.#accessKeys,
        authorize: options.authorize ?? allowAll,
        clock: () => new Date(),
        ...(options.streamIdleMs === undefined ? {} : { streamIdleMs: options.streamIdleMs }),
        functions: {
          invoke: async (_arn, event) => {
            this.events.push(event);
            return this.respond(event);
          },
          invokeWithResponseStream: (_arn, event) => {
            this.events.push(event);
            return this.stream(event);
          },
        },
      }),
    });
  }

  get url(): URL {
    if (this.#server === undefined) throw new Error('not started');
    return new URL(this.#server.url);
  }

  get operator(): AccessKey {
    return this.#accessKeys.keyOf('user', 'operator');
  }

  get session(): AccessKey {
    return this.#accessKeys.keyOf('role', 'issuer');
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    rmSync(this.#dir, { recursive: true });
  }

  send({ method, target, headers = [], body }: PlainRequest): Promise<PlainResponse> {
    const { hostname, port, host } = this.url;
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          hostname,
          port,
          method,
          path: target,
          agent: false,
          headers: [
            ['Host', host],
            ...headers,
            ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))]]),
          ].flat(),
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              rawHeaders: response.rawHeaders,
              body: Buffer.concat(parts),
            }),
          );
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  /** Signs a request. Its headers are spelled as in the golden events. */
  async signed(request: PlainRequest, key: AccessKey = this.operator): Promise<PlainRequest> {
    const { hostname, host } = this.url;
    const given = Object.fromEntries(
      (request.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const digest = new Sha256();
    digest.update(Buffer.from(request.body ?? ''));
    const hash = Buffer.from(await digest.digest()).toString('hex');
    const signer = new SignatureV4({
      credentials: key,
      region: REGION,
      service: 'execute-api',
      sha256: Sha256,
    });
    const { headers } = await signer.sign({
      method: request.method,
      protocol: 'http:',
      hostname,
      path: request.target,
      headers: { ...given, host, 'x-amz-content-sha256': hash },
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const added: HeaderPairs = [
      ['X-Amz-Content-Sha256', hash],
      ['X-Amz-Date', headers['x-amz-date'] ?? ''],
      ...(key.sessionToken === undefined ? [] : [['X-Amz-Security-Token', key.sessionToken] as const]),
      ['Authorization', headers.authorization ?? ''],
    ];
    return { ...request, headers: [...(request.headers ?? []), ...added] };
  }
}

/** Returns the outcome of an invocation that returned this value. */
export const answered = (value: unknown): Outcome => ({ kind: 'answered', payload: JSON.stringify(value) });
