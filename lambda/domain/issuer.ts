import type { Issuer } from './records.ts';

/** Which links a caller reaches: its own, or everybody's, the public form's too. */
export type Reach = { readonly kind: 'own'; readonly principal: Issuer } | { readonly kind: 'all' };

/** Whether a link of this issuer is within reach; one that is not is answered like one that there is not. */
export function isWithin(reach: Reach, issuedBy: Issuer): boolean {
  return reach.kind === 'all' || reach.principal === issuedBy;
}
