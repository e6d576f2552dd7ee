import { Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  EndpointType,
  type IResource,
  LambdaIntegration,
  Method,
  type MethodDeploymentOptions,
  MethodLoggingLevel,
  Resource,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { FunctionName } from '../../lambda/environment.ts';
import { type Route, routes } from '../routes.ts';
import { addGatewayProblems } from './gateway-problems.ts';
import { nameResource } from './stable-name.ts';

/** A literal, so that the API's address can be in a function's environment: a reference would go in a circle. */
const STAGE_NAME = 'v1';

const AUTHORIZATION = { none: AuthorizationType.NONE, iam: AuthorizationType.IAM } as const satisfies Record<
  Route['auth'],
  AuthorizationType
>;

/** The API: the routes of lib/routes.ts and nothing else. */
export class Api extends Construct {
  readonly rest: RestApi;
  /** Where the API answers, stage path included and without a slash at the end. */
  readonly origin: string;
  readonly #routes: Construct;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Methods stand before their deployment in the template, since emulators take it from top to bottom.
    this.#routes = new Construct(this, 'Routes');
    const { stackName, region, urlSuffix } = Stack.of(this);
    this.rest = new RestApi(this, 'Api', {
      restApiName: stackName,
      description: 'Token-vending machine: one link, redeemed exactly once',
      endpointTypes: [EndpointType.REGIONAL],
      // The role is one for the whole region and account; making it here would take it from other APIs.
      cloudWatchRole: false,
      deployOptions: {
        stageName: STAGE_NAME,
        // API Gateway's own trace segments hold the URL with its query, and data traces hold bodies: tokens both.
        tracingEnabled: false,
        dataTraceEnabled: false,
        loggingLevel: MethodLoggingLevel.OFF,
        methodOptions: throttles(),
      },
    });
    nameResource(this.rest, 'Api');
    nameResource(this.rest.deploymentStage, 'ApiStage');
    // The CDK adds an output of its own; the stack has a better one.
    this.rest.node.tryRemoveChild('Endpoint');
    this.origin = `https://${this.rest.restApiId}.execute-api.${region}.${urlSuffix}/${STAGE_NAME}`;
    addGatewayProblems(this.rest);
  }

  /** Adds every route. API Gateway may invoke each function for this API only, test invocations included. */
  route(functions: Readonly<Record<FunctionName, IFunction>>): void {
    for (const { method, path, function: name, auth } of routes) {
      new Method(this.#routes, `${method} ${path}`, {
        resource: this.#resourceAt(path),
        httpMethod: method,
        integration: new LambdaIntegration(functions[name], { scopePermissionToMethod: false }),
        options: { authorizationType: AUTHORIZATION[auth] },
      });
    }
  }

  #resourceAt(path: string): IResource {
    if (path === '/') return this.rest.root;
    const slash = path.lastIndexOf('/');
    const parent = this.#resourceAt(path.slice(0, slash) || '/');
    const pathPart = path.slice(slash + 1);
    return parent.getResource(pathPart) ?? new Resource(this.#routes, path, { parent, pathPart });
  }
}

function throttles(): Record<string, MethodDeploymentOptions> {
  return Object.fromEntries(
    routes.map(({ method, path, throttle }) => [
      `${path}/${method}`,
      { throttlingRateLimit: throttle.rate, throttlingBurstLimit: throttle.burst },
    ]),
  );
}
