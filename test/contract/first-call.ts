import type { Decide } from '../support/fault-proxy.ts';

/** Injects a fault into the first call of an operation, so that the SDK retries it, and lets all other calls pass. */
export function first(operation: string, fate: 'lose-response' | 'lose-request'): Decide {
  let met = false;
  return (target) => {
    if (met || !target.endsWith(`.${operation}`)) return { fate: 'pass' };
    met = true;
    return { fate };
  };
}
