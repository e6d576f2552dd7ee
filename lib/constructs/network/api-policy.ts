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
 * Lets the API be called through some endpoints, and in no other way.
 *
 * Only public routes are open to everyone. API Gateway lets a signed caller of the same account in if either its own policy
 * **or** the API's policy allows it, so a statement for everyone on signed routes would let every role of the account in (API
 * Gateway Developer Guide, "How API Gateway resource policies affect authorization workflow"). The account as the principal
 * leaves the decision to the callers' own policies (IAM User Guide, "AWS JSON policy elements: Principal").
 *
 * `test-invoke-method` is a call of the management API, which the policy does not concern.
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
        sid: 'CallersWithRights',
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
