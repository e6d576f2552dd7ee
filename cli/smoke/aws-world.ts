import {
  type APIGatewayClient,
  GetRestApisCommand,
  paginateGetResources,
  TestInvokeMethodCommand,
} from '@aws-sdk/client-api-gateway';
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { SmokeFailure } from './steps.ts';
import type { SmokeAnswer, SmokeWorld } from './world.ts';

/** A body that lives in the bucket and comes from there should not take longer. In milliseconds. */
const DOWNLOAD_TIMEOUT_MS = 30_000;
/** As many as API Gateway gives in one page. */
const PAGE = 500;

export interface SmokeTargets {
  readonly s3: S3Client;
  readonly apiGateway: APIGatewayClient;
  readonly bucket: string;
  /** The API; the only one there is where it is not known, as on the laptop. */
  readonly restApiId: string | undefined;
  /** Aborted by Ctrl-C; cleaning up is not. */
  readonly signal: AbortSignal;
}

/**
 * A deployment, its functions called by API Gateway's test-invoke: with the deployed rights, past the network and the
 * signatures. CloudTrail does not record it. Its answers have a `log` with the token in it, which is not read.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html
 */
export async function awsWorld(targets: SmokeTargets): Promise<SmokeWorld> {
  const { s3, apiGateway, bucket, signal } = targets;
  const restApiId = targets.restApiId ?? (await onlyApi(apiGateway));
  const resources = await resourceIds(apiGateway, restApiId);
  return {
    putFile: async (asset, bytes) => {
      const object = { Bucket: bucket, Key: asset, Body: bytes, ContentType: 'text/plain' };
      await s3.send(new PutObjectCommand(object), { abortSignal: signal });
    },
    removeFile: async (asset) => {
      // The name is used once, so that one page has all of it.
      const list = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: asset });
      const { Versions = [], DeleteMarkers = [] } = await s3.send(list);
      for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
        if (Key === asset) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
      }
    },
    call: async ({ method, resource, path = resource, body }) => {
      const resourceId = resources.get(resource);
      if (resourceId === undefined) throw new SmokeFailure(`the API has no resource ${resource}`);
      const answer = await apiGateway.send(
        new TestInvokeMethodCommand({
          restApiId,
          resourceId,
          httpMethod: method,
          pathWithQueryString: path,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      );
      return answerOf(answer.status, answer.headers, answer.body);
    },
    download: async (url) => {
      const response = await fetch(url, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]),
      });
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}

function answerOf(
  status: number | undefined,
  headers: Readonly<Record<string, string>> | undefined,
  body: string | undefined,
): SmokeAnswer {
  const location = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'location')?.[1];
  return { status: status ?? 0, ...(location !== undefined && { location }), body: jsonOf(body ?? '') };
}

/** A page or an empty body is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function onlyApi(apiGateway: APIGatewayClient): Promise<string> {
  const { items = [] } = await apiGateway.send(new GetRestApisCommand({}));
  const [api, ...others] = items;
  if (api?.id === undefined || others.length > 0) throw new SmokeFailure('which API it is, is not known');
  return api.id;
}

async function resourceIds(
  client: APIGatewayClient,
  restApiId: string,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for await (const { items = [] } of paginateGetResources({ client, pageSize: PAGE }, { restApiId })) {
    for (const { path = '', id = '' } of items) ids.set(path, id);
  }
  return ids;
}
