import { Duration, Lazy, Stack, Validations } from 'aws-cdk-lib';
import {
  AuthorizationType,
  CfnRestApi,
  EndpointAccessMode,
  EndpointType,
  IpAddressType,
  type IResource,
  LambdaIntegration,
  Method,
  type MethodDeploymentOptions,
  MethodLoggingLevel,
  Resource,
  ResponseTransferMode,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { Route } from '../route.ts';
import { ApiAccessLog } from './api-access-log.ts';
import { addApiDomain } from './api-domain.ts';
import { ClosedFunction } from './closed-function.ts';
import { addGatewayProblems } from './gateway-problems.ts';
import { setLogicalId } from './logical-id.ts';
import { apiPolicy } from './network/api-policy.ts';

/**
 * The stage name. It is a literal so that a function's environment can contain the API's address. A reference would be
 * circular.
 */
export const STAGE_NAME = 'v1';

const AUTHORIZATION = { none: AuthorizationType.NONE, iam: AuthorizationType.IAM } as const satisfies Record<
  Route['auth'],
  AuthorizationType
>;

/**
 * Streams the response, for as long as API Gateway allows (API Gateway Developer Guide, "Stream the integration
 * response").
 */
const STREAMED = { responseTransferMode: ResponseTransferMode.STREAM, timeout: Duration.minutes(15) };

/** Throttle for methods without a route, tighter than any route's. */
const STAGE_THROTTLE = { throttlingRateLimit: 5, throttlingBurstLimit: 10 };

/**
 * Requires TLS 1.2 or 1.3 with forward secrecy. `STRICT` lets only the API's own name through the handshake, but API
 * Gateway then refuses to change the type of the API (API Gateway Developer Guide, "Security policies for REST APIs").
 */
const tlsOf = ({ endpointAccess }: Pick<Config, 'endpointAccess'>) => ({
  securityPolicy: SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09,
  endpointAccessMode: endpointAccess === 'strict' ? EndpointAccessMode.STRICT : EndpointAccessMode.BASIC,
});

/**
 * Returns the IP versions at which the API can be called. A private API has both, and so must one that becomes public
 * again, until it has (API Gateway Developer Guide, "IP address types for REST APIs"). A public API only has IPv4: people
 * in the networks of a link's `allowedCidrs` could otherwise come from IPv6 addresses.
 */
const addressesOf = ({ network, endpointAccess }: Pick<Config, 'network' | 'endpointAccess'>) =>
  network === 'public' && endpointAccess === 'strict' ? IpAddressType.IPV4 : IpAddressType.DUAL_STACK;

export interface ApiProps<FunctionName extends string> {
  readonly config: Config;
  readonly routes: readonly Route<FunctionName>[];
  /** The VPC endpoints through which a private API can be called. `undefined` for a public API. */
  readonly endpointIds: readonly string[] | undefined;
}

/** Creates the API. It serves only the given routes. */
export class Api<FunctionName extends string> extends Construct {
  readonly rest: RestApi;
  /** Requests that API Gateway itself throttled. `undefined` without an access log. */
  readonly throttled: Metric | undefined;
  /** The API's own base URL, without a trailing slash. Programs sign requests for it. With `apiDomain`, it has no stage. */
  readonly url: string;
  /** The origin of the pages as browsers send it, without a path. */
  readonly site: string;
  /** The base URL of pages and links, without a trailing slash. */
  readonly origin: string;
  readonly #routes: readonly Route<FunctionName>[];
  readonly #methods: Construct;

  constructor(scope: Construct, id: string, { config, routes, endpointIds }: ApiProps<FunctionName>) {
    super(scope, id);
    this.#routes = routes;
    const accessLog = new ApiAccessLog(this, 'AccessLog', config);
    this.throttled = accessLog.throttled;
    // Methods come before their deployment in the template, because emulators read templates from top to bottom.
    this.#methods = new Construct(this, 'Routes');
    const { stackName, region, urlSuffix } = Stack.of(this);
    this.rest = new RestApi(this, 'Api', {
      restApiName: stackName,
      description: 'Token-vending machine: one link, redeemed exactly once',
      endpointConfiguration: {
        types: [endpointIds ? EndpointType.PRIVATE : EndpointType.REGIONAL],
        ipAddressType: addressesOf(config),
      },
      ...(endpointIds && { policy: apiPolicy(routes, STAGE_NAME, endpointIds) }),
      ...(config.apiDomain !== undefined && { disableExecuteApiEndpoint: true }),
      // Otherwise, the CDK would create the role that all APIs in the account share, and delete it with this stack.
      cloudWatchRole: false,
      deployOptions: {
        stageName: STAGE_NAME,
        ...accessLog.stageOptions,
        ...STAGE_THROTTLE,
        metricsEnabled: true,
        // API Gateway's own trace segments contain the URL with its query, and data traces contain bodies. Both would
        // include tokens.
        tracingEnabled: false,
        dataTraceEnabled: false,
        loggingLevel: MethodLoggingLevel.OFF,
        methodOptions: throttles(routes),
      },
    });
    setLogicalId(this.rest, 'Api');
    setLogicalId(this.rest.deploymentStage, 'ApiStage');
    if (accessLog.account !== undefined) this.rest.deploymentStage.node.addDependency(accessLog.account);
    const tls = tlsOf(config);
    this.#refuseOldTls(tls);
    if (endpointIds) this.#publishPolicyFor(config);
    if (config.webAclArn === undefined) this.#acknowledgeNoWebAcl();
    else this.#attach(config.webAclArn);
    this.#acknowledge();
    // Without this, the CDK would add an output that repeats ApiUrl.
    this.rest.node.tryRemoveChild('Endpoint');
    const { apiDomain, proxyOrigin } = config;
    const host = `https://${apiDomain ?? `${this.rest.restApiId}.execute-api.${region}.${urlSuffix}`}`;
    this.url = apiDomain === undefined ? `${host}/${STAGE_NAME}` : host;
    this.site = proxyOrigin ?? host;
    this.origin = proxyOrigin ?? this.url;
    addApiDomain(this, { config, rest: this.rest, tls });
    addGatewayProblems(this.rest);
  }

  /**
   * Connects every route to its function. API Gateway may invoke the functions only for this API, including its test
   * invocations.
   */
  route(functions: Readonly<Record<FunctionName, IFunction>>): void {
    const routes = this.#routes;
    const signed = new Set(routes.filter(({ auth }) => auth === 'iam').map((route) => route.function));
    const closed = new Map(
      [...signed].map((name) => [name, new ClosedFunction(this, name, functions[name], this.rest)] as const),
    );
    for (const { method, path, function: name, auth, transfer } of routes) {
      const created = new Method(this.#methods, `${method} ${path}`, {
        resource: this.#resourceAt(path),
        httpMethod: method,
        integration:
          closed.get(name)?.integration ??
          new LambdaIntegration(functions[name], {
            scopePermissionToMethod: false,
            ...(transfer === 'stream' && STREAMED),
          }),
        options: { authorizationType: AUTHORIZATION[auth] },
      });
      acknowledgeAuthorization(created, auth);
    }
    for (const name of new Set(routes.filter(({ transfer }) => transfer).map((route) => route.function))) {
      // The CDK grants no permission to stream responses.
      functions[name].addPermission('StreamedByApi', {
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        action: 'lambda:InvokeWithResponseStream',
        sourceArn: this.rest.arnForExecuteApi(),
      });
    }
  }

  /**
   * Returns a command for CloudShell (docs/cloudshell.md) that calls a function with its deployed permissions. The
   * command's query omits the `log` member of the response, which contains the token.
   */
  testInvoke(path: Route['path'], body: string): string {
    // Lazy, because capabilities call this before the routes exist.
    const resourceId = Lazy.string({ produce: () => this.#resourceAt(path).resourceId });
    return [
      `aws apigateway test-invoke-method --rest-api-id ${this.rest.restApiId} --resource-id ${resourceId}`,
      `--http-method POST --body ${body} --query '[status, headers.Location, body]' --output text`,
    ].join(' ');
  }

  /** Refuses old TLS versions. The CDK's construct has no property for this yet. */
  #refuseOldTls({ securityPolicy, endpointAccessMode }: ReturnType<typeof tlsOf>): void {
    const { defaultChild } = this.rest.node;
    if (!(defaultChild instanceof CfnRestApi))
      throw new Error('RestApi no longer has a CfnRestApi as its default child');
    defaultChild.securityPolicy = securityPolicy;
    defaultChild.endpointAccessMode = endpointAccessMode;
  }

  /**
   * Publishes the API again when its VPC changes. Until then, API Gateway applies the policy that admits the old endpoint
   * (API Gateway Developer Guide, "Create and attach an API Gateway resource policy to an API"). The CDK does not notice
   * the new one, because the template only refers to it.
   */
  #publishPolicyFor({ vpcId, vpcCidr }: Config): void {
    this.rest.latestDeployment?.addToLogicalId({ vpcId, vpcCidr });
  }

  /** Attaches the operator's web ACL. Several APIs can share one, and its rules and logs are the operator's choice. */
  #attach(webAclArn: string): void {
    const association = new CfnWebACLAssociation(this, 'WebAclAssociation', {
      resourceArn: this.rest.deploymentStage.stageArn,
      webAclArn,
    });
    association.overrideLogicalId('WebAclAssociation');
  }

  #acknowledgeNoWebAcl(): void {
    Validations.of(this.rest.deploymentStage).acknowledge({
      id: 'AwsSolutions-APIG3',
      reason:
        'A web ACL is billed per month and per request, so it is optional: webAclArn attaches one. Without it, throttling limits a flood of requests, and rate limits for each source and address limit the e-mails.',
    });
  }

  #acknowledge(): void {
    Validations.of(this.rest).acknowledge({
      id: 'AwsSolutions-APIG2',
      reason:
        'Every function checks body, query, and path against its own schemas, and responds to invalid input with problem documents.',
    });
    Validations.of(this.rest.deploymentStage).acknowledge(
      {
        id: 'AwsSolutions-APIG6',
        reason:
          'Execution logs contain paths and query strings, and therefore tokens. The access log contains IDs.',
      },
      {
        id: 'Serverless-APIGWXrayEnabled',
        reason:
          "API Gateway's trace segments contain the URL with its query, and therefore tokens. Lambda traces the functions instead.",
      },
    );
  }

  #resourceAt(path: string): IResource {
    if (path === '/') return this.rest.root;
    const slash = path.lastIndexOf('/');
    const parent = this.#resourceAt(path.slice(0, slash) || '/');
    const pathPart = path.slice(slash + 1);
    return parent.getResource(pathPart) ?? new Resource(this.#methods, path, { parent, pathPart });
  }
}

function acknowledgeAuthorization(method: Method, auth: Route['auth']): void {
  Validations.of(method).acknowledge({
    id: 'AwsSolutions-COG4',
    reason: 'People prove their address by mail, and programs sign with IAM. There are no user accounts.',
  });
  if (auth === 'iam') return;
  Validations.of(method).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason:
      'The route is public: a request either asks for an e-mail or contains a signed token, which is checked.',
  });
}

function throttles(routes: readonly Route[]): Record<string, MethodDeploymentOptions> {
  return Object.fromEntries(
    routes.map(({ method, path, throttle }) => [
      `${path}/${method}`,
      { throttlingRateLimit: throttle.rate, throttlingBurstLimit: throttle.burst, metricsEnabled: true },
    ]),
  );
}
