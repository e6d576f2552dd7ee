import type { CallerId } from './ids.ts';

/** Represents a signed caller: IAM's unique id, which owns its links, and its ARN, for people to read. */
export interface Caller {
  readonly id: CallerId;
  readonly arn: `arn:${string}`;
}

/** Tells which links a caller may access: its own, or everybody's, including the public form's. */
export type Reach = { readonly kind: 'own'; readonly callerId: CallerId } | { readonly kind: 'all' };

/**
 * Tells whether a caller may access a link. Callers get the same answer for a link of somebody else as for one that
 * does not exist. IAM's unique id decides, not the ARN: a user or role that was deleted and created again is somebody
 * else.
 */
export function isWithin(reach: Reach, { callerId }: { readonly callerId?: CallerId }): boolean {
  return reach.kind === 'all' || reach.callerId === callerId;
}
