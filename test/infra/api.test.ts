import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { problem } from '../../lambda/http/response.ts';
import { loadEvaluator } from '../../laptop/src/iam/evaluate.ts';
import { PolicyDocument } from '../../laptop/src/iam/policy-document.ts';
import { deployedWith } from '../../lib/capabilities.ts';
import { readConfig } from '../../lib/read-config.ts';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf, titleOf } from './template.ts';

let template: Template;
const { routes } = deployedWith(readConfig({}));

beforeAll(() => {
  template = templateOf();
});

function pathOf(reference: unknown): string {
  if (reference === '<Api.RootResourceId>') return '/';
  const { PathPart, ParentId } = resource(template, String(reference).slice(1, -1)).Properties;
  return `${pathOf(inWords(ParentId)).replace(/\/$/, '')}/${String(PathPart)}`;
}

/** Returns the name of the function that `<MintFunction.Arn>` refers to. */
const nameOf = (reference: unknown): string | undefined =>
  /^<(\w+)Function\.Arn>$/.exec(String(reference))?.[1]?.toLowerCase();

interface GatewayResponse {
  readonly ResponseType: string;
  readonly StatusCode?: string;
  readonly ResponseParameters: Readonly<Record<string, string>>;
  readonly ResponseTemplates: Readonly<Record<string, string>>;
}

/** Returns API Gateway's own responses, as clients get them, keyed by type. */
function gatewayResponses() {
  const responses = resourcesOf(template, 'AWS::ApiGateway::GatewayResponse').map(([, { Properties }]) => {
    const { ResponseType, StatusCode, ResponseParameters, ResponseTemplates } =
      Properties as unknown as GatewayResponse;
    const headers = Object.entries(ResponseParameters).map(([name, literal]) => {
      expect(literal).toMatch(/^'[^']*'$/);
      return [name.replace('gatewayresponse.header.', ''), literal.slice(1, -1)] as const;
    });
    const body = JSON.parse(ResponseTemplates['application/json'] ?? '') as Record<string, unknown>;
    const response = { status: StatusCode, headers: Object.fromEntries<string>(headers), body };
    return [ResponseType, response] as const;
  });
  return new Map(responses);
}

describe('the API', () => {
  test('streams only the responses of the stream function, for up to 15 minutes', () => {
    const modes = resourcesOf(template, 'AWS::ApiGateway::Method').map(([, { Properties }]) => {
      const { ResponseTransferMode, TimeoutInMillis, Uri } = inWords(Properties.Integration) as Readonly<
        Record<string, unknown>
      >;
      const streams = /2021-11-15\/functions\/<StreamFunction.Arn>\/response-streaming-invocations$/;
      expect(streams.test(String(Uri))).toBe(ResponseTransferMode === 'STREAM');
      return [ResponseTransferMode, TimeoutInMillis];
    });
    const streamed = routes.filter(({ transfer }) => transfer === 'stream');
    expect(streamed.map(({ function: name }) => name)).toEqual(['stream', 'stream']);
    expect(modes.filter(([mode]) => mode === 'STREAM')).toEqual(streamed.map(() => ['STREAM', 900_000]));
    expect(modes.filter(([mode]) => mode !== undefined)).toHaveLength(streamed.length);
  });

  test('is the only API allowed to invoke the stream function, with and without streaming', () => {
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
      .map(([, { Properties }]) => inWords(Properties) as Readonly<Record<string, string>>)
      .filter(({ FunctionName }) => FunctionName === '<StreamFunction.Arn>');
    expect(permissions.map(({ Action }) => Action).toSorted()).toEqual([
      'lambda:InvokeFunction',
      'lambda:InvokeWithResponseStream',
    ]);
    for (const { Principal, SourceArn } of permissions) {
      expect(Principal).toBe('apigateway.amazonaws.com');
      expect(SourceArn).toMatch(/:<Api>\/\*\/\*\/\*$|:<Api>\/\*$/);
    }
  });

  test('has exactly the routes of the capabilities, with their functions and authorization', () => {
    const deployed = resourcesOf(template, 'AWS::ApiGateway::Method').map(([, { Properties }]) => {
      const { HttpMethod, ResourceId, AuthorizationType, Integration } = Properties;
      const { Uri, Type } = inWords(Integration) as { readonly Uri: string; readonly Type: string };
      expect(Type).toBe('AWS_PROXY');
      return [
        HttpMethod,
        pathOf(inWords(ResourceId)),
        /<(\w+)Function\.Arn>/.exec(Uri)?.[1],
        AuthorizationType,
      ].join(' ');
    });
    const meant = routes.map(({ method, path, function: name, auth }) =>
      [method, path, titleOf(name), auth === 'iam' ? 'AWS_IAM' : 'NONE'].join(' '),
    );
    expect(deployed.toSorted()).toEqual(meant.toSorted());
  });

  test('lets only IAM callers issue and revoke links', () => {
    const open = routes.filter(({ path, auth }) => /^\/(operator\/)?links/.test(path) && auth !== 'iam');
    expect(open).toEqual([]);
    expect(routes.some(({ path }) => path.startsWith('/links'))).toBe(true);
  });

  test('lets only IAM callers upload, unless the options name an identity provider', () => {
    const about = /^\/(oidc|operator|uploads|objects|upload-links)(\/|$)/;
    expect(routes.filter(({ path, auth }) => about.test(path) && auth !== 'iam')).toEqual([]);
    const oidc = { oidcIssuer: 'https://login.example.org', oidcAudience: 'files', oidcTenantClaim: 'org' };
    const opened = deployedWith(readConfig(oidc)).routes.filter(({ path }) => path.startsWith('/oidc'));
    const tenants = routes.filter(({ path }) => /^\/(uploads|objects|upload-links)/.test(path));
    expect(opened.map(({ method, path }) => `${method} ${path}`)).toEqual(
      tenants.map(({ method, path }) => `${method} /oidc${path}`),
    );
    const methods = resourcesOf(templateOf({ senderEmail: SENDER, ...oidc }), 'AWS::ApiGateway::Method');
    expect(methods).toHaveLength(routes.length + opened.length);
  });

  test('is the only API allowed to invoke functions, and can invoke exactly the functions of its routes', () => {
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission');
    const scheduled = permissions.filter(([, { Properties }]) =>
      ['sweep', 'outcomes'].includes(nameOf(inWords(Properties.FunctionName)) ?? ''),
    );
    expect(scheduled.map(([, { Properties }]) => inWords(Properties))).toMatchObject([
      { Principal: 'events.amazonaws.com', SourceArn: '<SweepRule.Arn>' },
      { Principal: 'events.amazonaws.com', SourceArn: '<OutcomeRule.Arn>' },
    ]);
    const permitted = permissions
      .filter((each) => !scheduled.includes(each))
      .map(([, { Properties }]) => {
        expect(Properties.Principal).toBe('apigateway.amazonaws.com');
        expect(inWords(Properties.SourceArn)).toMatch(/:execute-api:<AWS::Region>:<AWS::AccountId>:<Api>\//);
        return nameOf(inWords(Properties.FunctionName));
      });
    const closed = resourcesOf(template, 'AWS::Lambda::ResourcePolicy').map(([, { Properties }]) =>
      nameOf(inWords(Properties.ResourceArn)),
    );
    expect([...new Set(permitted), ...closed].toSorted()).toEqual(
      [...new Set(routes.map((route) => route.function))].toSorted(),
    );
  });

  describe('the resource policy of a function for IAM callers', () => {
    const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:links';
    const API = 'arn:aws:execute-api:us-east-1:111122223333:a1b2c3';

    /** Returns why a service, or a caller with every permission, cannot invoke a function, or `undefined` if it can. */
    async function refusal(caller: string, sourceArn?: string, resource = FUNCTION) {
      const [[, { Properties } = {}] = []] = resourcesOf(template, 'AWS::Lambda::ResourcePolicy');
      const text = JSON.stringify(inWords(Properties?.PolicyDocument))
        .replaceAll('<LinksFunction.Arn>', FUNCTION)
        .replaceAll(/arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<Api>/g, API);
      expect(text).not.toContain('<');
      const isService = caller.endsWith('.amazonaws.com');
      const everything = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
      const admin = {
        name: 'admin',
        policy: PolicyDocument.parse({ Version: '2012-10-17', Statement: everything }),
      };
      const evaluate = await loadEvaluator();
      return evaluate({
        caller,
        action: 'lambda:InvokeFunction',
        resource,
        accountId: '111122223333',
        conditions: sourceArn === undefined ? {} : { 'aws:SourceArn': sourceArn },
        identityPolicies: isService ? [] : [admin],
        resourcePolicy: PolicyDocument.parse(JSON.parse(text)),
      });
    }

    test('exists for every function with a signed route, in place of an AWS::Lambda::Permission', () => {
      const signed = new Set(routes.filter(({ auth }) => auth === 'iam').map((route) => route.function));
      const closed = resourcesOf(template, 'AWS::Lambda::ResourcePolicy').map(([, { Properties }]) =>
        nameOf(inWords(Properties.ResourceArn)),
      );
      expect(closed).toEqual([...signed]);
      const open = resourcesOf(template, 'AWS::Lambda::Permission').map(([, { Properties }]) =>
        nameOf(inWords(Properties.FunctionName)),
      );
      expect(open.filter((name) => closed.includes(name))).toEqual([]);
    });

    test('is exactly the policy that the manual gives for restoring it', () => {
      const [[, { Properties } = {}] = []] = resourcesOf(template, 'AWS::Lambda::ResourcePolicy');
      const deployed = JSON.stringify(inWords(Properties?.PolicyDocument))
        .replaceAll('<LinksFunction.Arn>', 'LINKS_ARN')
        .replaceAll('<AWS::Partition>', 'aws')
        .replaceAll('<AWS::Region>:<AWS::AccountId>:<Api>', 'REGION:ACCOUNT:API');
      const manual = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
      const policies = [...manual.matchAll(/ *```json\n([\s\S]*?)```/g)].map(([, text = '']) =>
        JSON.parse(text),
      );
      expect(policies).toContainEqual(JSON.parse(deployed));
    });

    test.each(['v1/POST/links', 'v1/DELETE/operator/tokens/0f6b', 'test-invoke-stage/GET/operator/tokens'])(
      'lets the API invoke the links function for %s',
      async (path) => {
        expect(await refusal('apigateway.amazonaws.com', `${API}/${path}`)).toBeUndefined();
      },
    );

    test.each([
      ['another API', 'apigateway.amazonaws.com', `${API.slice(0, -6)}ffffff/v1/POST/links`],
      ['another service', 'events.amazonaws.com', 'arn:aws:events:us-east-1:111122223333:rule/x'],
      ['API Gateway without a source ARN', 'apigateway.amazonaws.com', undefined],
      ['an administrator', 'arn:aws:iam::111122223333:user/admin', undefined],
      ['a role with every permission', 'arn:aws:sts::111122223333:assumed-role/Deploy/ci', undefined],
    ])('denies invocations by %s', async (_, caller, sourceArn) => {
      expect(await refusal(caller, sourceArn)).toContain('explicit deny in a resource-based policy');
    });

    test('also denies invocations of a version or an alias by an administrator', async () => {
      const admin = 'arn:aws:iam::111122223333:user/admin';
      expect(await refusal(admin, undefined, `${FUNCTION}:live`)).toContain(
        'explicit deny in a resource-based policy',
      );
    });
  });

  test('writes no URLs or bodies to its own traces and execution logs', () => {
    const { TracingEnabled, MethodSettings } = resource(template, 'ApiStage').Properties;
    expect(TracingEnabled).not.toBe(true);
    for (const settings of MethodSettings as Record<string, unknown>[]) {
      expect(settings).toMatchObject({ DataTraceEnabled: false });
      expect(settings.LoggingLevel ?? 'OFF').toBe('OFF');
    }
  });

  test('throttles every route as specified by its capability', () => {
    const settings = resource(template, 'ApiStage').Properties.MethodSettings as Record<string, unknown>[];
    for (const { method, path, throttle } of routes) {
      const ResourcePath = path === '/' ? '/' : `/${path.replaceAll('/', '~1')}`;
      expect(settings).toContainEqual(
        expect.objectContaining({
          HttpMethod: method,
          ResourcePath,
          ThrottlingRateLimit: throttle.rate,
          ThrottlingBurstLimit: throttle.burst,
        }),
      );
    }
  });

  test('has the stage name that is part of every link', () => {
    expect(resource(template, 'ApiStage').Properties.StageName).toBe('v1');
    expect(inWords(template.Outputs.ApiUrl?.Value)).toBe(
      'https://<Api>.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1',
    );
  });

  test('has separate metrics for every route', () => {
    const settings = resource(template, 'ApiStage').Properties.MethodSettings as Record<string, unknown>[];
    expect(settings).toHaveLength(routes.length + 1);
    for (const setting of settings) expect(setting.MetricsEnabled).toBe(true);
  });

  test('throttles unlisted methods more strictly than any route', () => {
    const settings = resource(template, 'ApiStage').Properties.MethodSettings as Record<string, unknown>[];
    const others = settings.find(({ ResourcePath }) => ResourcePath === '/*');
    const least = Math.min(...routes.map(({ throttle }) => throttle.rate));
    expect(Number(others?.ThrottlingRateLimit)).toBeGreaterThan(0);
    expect(Number(others?.ThrottlingRateLimit)).toBeLessThan(least);
  });

  test('requires TLS 1.2 or later, and its own host name in the handshake', () => {
    expect(resource(template, 'Api').Properties).toMatchObject({
      SecurityPolicy: expect.stringMatching(/^SecurityPolicy_TLS13_1_2_/),
      EndpointAccessMode: 'STRICT',
    });
  });

  test('attaches the web ACL in webAclArn to its stage, and none without the option', () => {
    const webAclArn =
      'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/files/a1b2c3d4-5678-90ab-cdef-0123456789ab';
    const guarded = templateOf({ senderEmail: SENDER, webAclArn });
    expect(inWords(resource(guarded, 'WebAclAssociation').Properties)).toEqual({
      ResourceArn: 'arn:<AWS::Partition>:apigateway:<AWS::Region>::/restapis/<Api>/stages/<ApiStage>',
      WebACLArn: webAclArn,
    });
    expect(resourcesOf(template, 'AWS::WAFv2::WebACLAssociation')).toEqual([]);
  });

  test('is deployed after all its methods and gateway responses', () => {
    const [deployment] = resourcesOf(template, 'AWS::ApiGateway::Deployment');
    const awaited = new Set(deployment?.[1].DependsOn);
    const order = Object.keys(template.Resources);
    for (const [logicalId] of resourcesOf(template, 'AWS::ApiGateway::Method')) {
      expect(awaited).toContain(logicalId);
      expect(order.indexOf(logicalId)).toBeLessThan(order.indexOf(deployment?.[0] ?? ''));
    }
    for (const [logicalId] of resourcesOf(template, 'AWS::ApiGateway::GatewayResponse')) {
      expect(awaited).toContain(logicalId);
    }
  });
});

describe("API Gateway's own responses", () => {
  test.each([
    ['MISSING_AUTHENTICATION_TOKEN', '403', 'access_denied'],
    ['RESOURCE_NOT_FOUND', '404', 'not_found'],
    ['ACCESS_DENIED', '403', 'access_denied'],
    ['WAF_FILTERED', '403', 'access_denied'],
    ['INVALID_SIGNATURE', '403', 'invalid_signature'],
    ['EXPIRED_TOKEN', '403', 'expired_credentials'],
    ['REQUEST_TOO_LARGE', '413', 'payload_too_large'],
    ['UNSUPPORTED_MEDIA_TYPE', '415', 'unsupported_media_type'],
    ['THROTTLED', '429', 'quota_exceeded'],
    ['INTEGRATION_TIMEOUT', '503', 'unavailable'],
    ['DEFAULT_4XX', undefined, 'invalid_request'],
    ['DEFAULT_5XX', undefined, 'internal_error'],
  ])('are problem documents with a stable code: %s', (type, status, code) => {
    const response = gatewayResponses().get(type);
    expect(response?.status).toBe(status);
    expect(response?.body).toEqual({
      type: `urn:problem-type:tvm:${code}`,
      title: expect.any(String),
      code,
      ...(status !== undefined && { status: Number(status) }),
    });
  });

  test('have Retry-After only if waiting helps', () => {
    for (const [, { status, headers }] of gatewayResponses()) {
      const waiting = status === '429' || status === '503';
      expect(headers['Retry-After']).toEqual(waiting ? expect.stringMatching(/^[1-9]\d*$/) : undefined);
    }
  });

  test('have the same headers as problems that the functions return', () => {
    const { headers: ours = {} } = problem({ code: 'not_found' });
    // API Gateway's responses do not depend on what the caller accepts.
    const { Vary: _, ...headers } = ours;
    expect(gatewayResponses().get('RESOURCE_NOT_FOUND')?.headers).toEqual(headers);
    for (const [, response] of gatewayResponses()) expect(response.headers).toMatchObject(headers);
  });

  test('have the same body as our own problem with the same code', () => {
    const own = JSON.parse(problem({ code: 'not_found' }).body) as unknown;
    expect(gatewayResponses().get('RESOURCE_NOT_FOUND')?.body).toEqual(own);
    const tooLarge = JSON.parse(problem({ code: 'payload_too_large' }).body) as unknown;
    expect(gatewayResponses().get('REQUEST_TOO_LARGE')?.body).toEqual(tooLarge);
    const media = JSON.parse(problem({ code: 'unsupported_media_type' }).body) as unknown;
    expect(gatewayResponses().get('UNSUPPORTED_MEDIA_TYPE')?.body).toEqual(media);
  });

  test('never echo input', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::ApiGateway::GatewayResponse')) {
      expect(JSON.stringify(Properties.ResponseTemplates)).not.toMatch(/\$|context|method\.request/);
      expect(JSON.stringify(Properties.ResponseParameters)).not.toMatch(/method\.request|context/);
    }
  });
});
