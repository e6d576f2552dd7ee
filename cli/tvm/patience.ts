import type { ClientSettings } from './connection.ts';

/**
 * Attempts and timeouts (milliseconds) of every call to a service: four attempts, each of which may be silent for
 * half a minute. A long upload that goes on is not cut off.
 */
export const PATIENCE: Pick<ClientSettings, 'maxAttempts' | 'requestHandler'> = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 5000, socketTimeout: 30_000 },
};
