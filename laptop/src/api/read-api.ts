import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';
import { type GatewayResponses, readGatewayResponses } from './gateway-responses.ts';

/** A method of an API resource. */
export interface ApiRoute {
  /** The HTTP method, or `ANY`. */
  readonly method: string;
  /** The path in API Gateway's notation, such as `/notes/{id}`. */
  readonly resourcePath: string;
  readonly resourceId: string;
  readonly auth: 'none' | 'iam';
  readonly functionArn: string;
  /** `stream` if the caller receives the response while the function writes it. */
  readonly responseTransferMode: 'buffered' | 'stream';
  readonly timeoutMs: number;
}

export interface ApiDefinition {
  readonly accountId: string;
  readonly apiId: string;
  readonly name: string;
  readonly deploymentId: string;
  readonly stageName: string;
  /** Media types whose bodies reach the function in base64, such as `image/*`. */
  readonly binaryMediaTypes: readonly string[];
  readonly routes: readonly ApiRoute[];
  readonly gatewayResponses: GatewayResponses;
}

const Api = z.object({ Name: z.string(), BinaryMediaTypes: z.array(z.string()).default([]) });

const Stage = z.object({ StageName: z.string(), DeploymentId: z.string() });

const Resource = z.object({ ParentId: z.string(), PathPart: z.string() });

const Method = z.object({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  AuthorizationType: z.enum(['NONE', 'AWS_IAM']).default('NONE'),
  ApiKeyRequired: z.literal(false).default(false),
  Integration: z.object({
    Type: z.literal('AWS_PROXY'),
    Uri: z.string(),
    TimeoutInMillis: z.number().default(29_000),
    ResponseTransferMode: z.enum(['BUFFERED', 'STREAM']).default('BUFFERED'),
  }),
});

/**
 * For each transfer mode, a pattern that finds the function's ARN in an integration URI. The URI has the format
 * `arn:aws:apigateway:REGION:lambda:path/DATE/functions/ARN/OPERATION`.
 */
const FUNCTION_IN_URI = {
  BUFFERED: /:lambda:path\/2015-03-31\/functions\/(arn:[^/]+)\/invocations$/,
  STREAM: /:lambda:path\/2021-11-15\/functions\/(arn:[^/]+)\/response-streaming-invocations$/,
};

/** Longest timeout of a streaming integration, in milliseconds (API Gateway quotas, "Integration timeout"). */
const MAX_STREAM_MS = 15 * 60 * 1000;

/**
 * Reads the template's API.
 *
 * @throws LaptopError unless there is exactly one API with one stage and only Lambda proxy integrations
 */
export function readApi(model: StackModel): ApiDefinition {
  const api = only(model, 'AWS::ApiGateway::RestApi');
  const { StageName, DeploymentId } = model.read(only(model, 'AWS::ApiGateway::Stage'), Stage);
  const pathOf = resourcePaths(model, api);
  const routes = model.ofType('AWS::ApiGateway::Method').map((resource): ApiRoute => {
    const { HttpMethod, ResourceId, AuthorizationType, Integration } = model.read(resource, Method);
    const mode = Integration.ResponseTransferMode;
    const functionArn = FUNCTION_IN_URI[mode].exec(Integration.Uri)?.[1];
    if (functionArn === undefined)
      throw new LaptopError(
        `The method ${resource.logicalId} has the transfer mode ${mode}, but its URI does not invoke a function in that mode: ${Integration.Uri}`,
      );
    if (mode === 'STREAM' && Integration.TimeoutInMillis > MAX_STREAM_MS)
      throw new LaptopError(
        `The method ${resource.logicalId} has a timeout of more than 15 minutes, the maximum for streaming.`,
      );
    return {
      method: HttpMethod,
      resourcePath: pathOf(ResourceId),
      resourceId: ResourceId,
      auth: AuthorizationType === 'AWS_IAM' ? 'iam' : 'none',
      functionArn,
      responseTransferMode: mode === 'STREAM' ? 'stream' : 'buffered',
      timeoutMs: Integration.TimeoutInMillis,
    };
  });
  const { Name, BinaryMediaTypes } = model.read(api, Api);
  return {
    accountId: model.place.accountId,
    apiId: model.refOf(api),
    name: Name,
    deploymentId: DeploymentId,
    stageName: StageName,
    binaryMediaTypes: BinaryMediaTypes,
    routes,
    gatewayResponses: readGatewayResponses(model),
  };
}

function only(model: StackModel, type: string): StackResource {
  const [first, ...more] = model.ofType(type);
  if (first === undefined || more.length > 0)
    throw new LaptopError(
      `The template has ${first === undefined ? 'no' : 'more than one'} ${type}. Local mode needs exactly one.`,
    );
  return first;
}

function resourcePaths(model: StackModel, api: StackResource): (resourceId: string) => string {
  const parts = new Map(
    model
      .ofType('AWS::ApiGateway::Resource')
      .map((resource) => [model.refOf(resource), model.read(resource, Resource)]),
  );
  const pathOf = (resourceId: string): string => {
    const part = parts.get(resourceId);
    if (part !== undefined) return `${pathOf(part.ParentId)}/${part.PathPart}`;
    if (resourceId === api.physical?.attributes.RootResourceId) return '';
    throw new LaptopError(`The API does not have the resource ${resourceId}.`);
  };
  return (resourceId) => pathOf(resourceId) || '/';
}
