import type { Tenant } from '../ids.ts';
import { DAY_SECONDS } from '../lifetime.ts';
import type { Counter } from '../ports.ts';
import type { Upload } from './upload.ts';

/** Returns the counter of the bytes that one tenant declares in a day. */
export function uploadedBytes(
  tenant: Tenant,
  size: number,
  { bytesPerDay }: { readonly bytesPerDay: number },
): Counter {
  return { name: `upload-bytes/${tenant}`, limit: bytesPerDay, windowSeconds: DAY_SECONDS, amount: size };
}

/**
 * Returns the counter of one slot for a tenant's open sessions. Its window ends with the session, so the slot becomes
 * free on its own even if the session is never closed.
 */
export function openSlot({
  tenant,
  slot,
  createdAt,
  sessionExpiresAt,
}: Pick<Upload, 'tenant' | 'slot' | 'createdAt' | 'sessionExpiresAt'>): Counter {
  return { name: `upload-slots/${tenant}/${slot}`, limit: 1, windowSeconds: sessionExpiresAt - createdAt };
}
