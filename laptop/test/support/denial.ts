import type { AccessRequest, Denial } from '../../src/access.ts';

/** Returns IAM's decision for a caller without policies. */
export const denialOf = ({ action, resource }: AccessRequest): Denial => ({
  allowed: false,
  name: 'nobody',
  caller: 'arn:aws:iam::000000000000:user/nobody',
  action,
  resource,
  reason: `because no identity-based policy allows the ${action} action`,
});
