import {
  type APIGatewayClient,
  paginateGetResources,
  TestInvokeMethodCommand,
} from '@aws-sdk/client-api-gateway';
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { parseJson } from '../tvm/parse-json.ts';
import { SmokeFailure } from './steps.ts';
import type { SmokeResponse, SmokeWorld } from './world.ts';

const DOWNLOAD_TIMEOUT_MS = 30_000;
/** Maximum number of resources that API Gateway returns in one page. */
const PAGE = 500;

export interface SmokeTargets {
  readonly s3: S3Client;
  readonly apiGateway: APIGatewayClient;
  readonly bucket: string;
  readonly restApiId: string;
  /** Aborted by Ctrl-C. The cleanup ignores it. */
  readonly signal: AbortSignal;
}

/**
 * Calls the functions of a deployment with API Gateway's test-invoke. The functions run with their deployed
 * permissions, but requests bypass the network and signatures. CloudTrail does not record them. The `log` of a response
 * contains the token and is not read.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html
 */
export async function awsWorld({
  s3,
  apiGateway,
  bucket,
  restApiId,
  signal,
}: SmokeTargets): Promise<SmokeWorld> {
  const resources = await resourceIds(apiGateway, restApiId);
  return {
    putFile: async (asset, bytes) => {
      const object = { Bucket: bucket, Key: asset, Body: bytes, ContentType: 'text/plain' };
      await s3.send(new PutObjectCommand(object), { abortSignal: signal });
    },
    removeFile: async (asset) => {
      // The name is used only once, so one page has all versions.
      const list = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: asset });
      const { Versions = [], DeleteMarkers = [] } = await s3.send(list);
      for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
        if (Key === asset) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
      }
    },
    call: async ({ method, resource, path = resource, body }) => {
      const resourceId = resources.get(resource);
      if (resourceId === undefined) throw new SmokeFailure(`the API has no resource ${resource}`);
      const invoked = await apiGateway.send(
        new TestInvokeMethodCommand({
          restApiId,
          resourceId,
          httpMethod: method,
          pathWithQueryString: path,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      );
      return responseOf(invoked.status, invoked.headers, invoked.body);
    },
    download: async (url) => {
      const response = await fetch(url, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]),
      });
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}

function responseOf(
  status: number | undefined,
  headers: Readonly<Record<string, string>> | undefined,
  body: string | undefined,
): SmokeResponse {
  const location = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'location')?.[1];
  return { status: status ?? 0, ...(location !== undefined && { location }), body: parseJson(body ?? '') };
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
