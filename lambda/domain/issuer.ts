import type { CallerId } from './ids.ts';

/** A signed caller: IAM's unique id, which its links belong to, and its ARN, for people to read. */
export interface Caller {
  readonly id: CallerId;
  readonly arn: `arn:${string}`;
}

/** Which links a caller may reach: its own, or everybody's, the public form's included. */
export type Reach = { readonly kind: 'own'; readonly callerId: CallerId } | { readonly kind: 'all' };

/**
 * Tells whether a link is within reach; callers get the same answer for one that is not as for one that does not exist.
 * IAM's unique id decides, not the ARN: a user or role that was deleted and created again is somebody else.
 */
export function isWithin(reach: Reach, { callerId }: { readonly callerId?: CallerId }): boolean {
  return reach.kind === 'all' || reach.callerId === callerId;
}
