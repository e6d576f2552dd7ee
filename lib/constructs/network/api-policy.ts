import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Route } from '../../route.ts';

const invoke = (resources: readonly string[]) => ({
  actions: ['execute-api:Invoke'],
  resources: resources.map((resource) => `execute-api:/${resource}`),
});

/**
 * Returns an API policy that admits calls through these endpoints only.
 *
 * Only public routes are open to everyone. API Gateway admits an IAM caller of the same account if either the caller's
 * own policy **or** the API's policy allows it, so a statement for everyone on signed routes would admit every role of
 * the account (API Gateway Developer Guide, "How API Gateway resource policies affect authorization workflow"). With the
 * account as the principal, the callers' own policies decide (IAM User Guide, "AWS JSON policy elements: Principal").
 *
 * The policy does not apply to `test-invoke-method`, which is a call to the management API.
 */
export function apiPolicy(
  routes: readonly Route[],
  stageName: string,
  endpointIds: readonly string[],
): PolicyDocument {
  const open = routes.filter(({ auth }) => auth === 'none');
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'AnyoneOnPublicRoutes',
        principals: [new AnyPrincipal()],
        ...invoke(
          open.map(({ method, path }) => `${stageName}/${method}${path.replaceAll(/\{[^}]+\}/g, '*')}`),
        ),
      }),
      new PolicyStatement({
        sid: 'CallersWithPermission',
        principals: [new AccountRootPrincipal()],
        ...invoke([`${stageName}/*`]),
      }),
      new PolicyStatement({
        sid: 'OnlyThroughEndpoints',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        ...invoke(['*']),
        conditions: { StringNotEquals: { 'aws:SourceVpce': [...endpointIds] } },
      }),
    ],
  });
}
