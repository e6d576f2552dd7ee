import type { Cidr } from '../../lambda/domain/ids.ts';

/** The only network from which a restricted link in the model can be redeemed. */
export const NETWORK = '192.0.2.0/24' as Cidr;

/** An address inside `NETWORK`. */
export const INSIDE = '192.0.2.7';

/** An address outside `NETWORK`. */
export const OUTSIDE = '198.51.100.9';

/** A secret that no redemption returned. */
export const MADE_UP = 's'.repeat(43);
