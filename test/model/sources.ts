import type { Cidr } from '../../lambda/domain/ids.ts';

/** The network that some links may only be redeemed from. */
export const NETWORK = '192.0.2.0/24' as Cidr;

/** An address in it. */
export const INSIDE = '192.0.2.7';

/** An address that is not in it. */
export const OUTSIDE = '198.51.100.9';
