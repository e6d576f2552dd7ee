import type { CallerId } from './ids.ts';

/** IAM caller: its unique ID in IAM, which its links belong to, and its human-readable ARN. */
export interface Caller {
  readonly id: CallerId;
  readonly arn: `arn:${string}`;
}

/** Links that a caller may access: its own, or all links, including the public form's. */
export type Reach = { readonly kind: 'own'; readonly callerId: CallerId } | { readonly kind: 'all' };

/**
 * Returns whether a caller may access a link. Callers get the same response for another caller's link as for one that
 * does not exist. The unique ID decides, not the ARN: a user or role that was deleted and created again is a different
 * caller.
 */
export function isWithin(reach: Reach, { callerId }: { readonly callerId?: CallerId }): boolean {
  return reach.kind === 'all' || reach.callerId === callerId;
}
