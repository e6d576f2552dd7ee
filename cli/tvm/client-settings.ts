import type { ClientSettings } from './connection.ts';

function silent(): void {
  // The command itself reports what the operator needs to know.
}

/**
 * Sets the attempts and timeouts (milliseconds) of every AWS client: four attempts, each of which fails after half a
 * minute without traffic. A long upload that makes progress is not cut off.
 */
export const CLIENT_SETTINGS: Pick<ClientSettings, 'maxAttempts' | 'requestHandler' | 'logger'> = {
  maxAttempts: 4,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  requestHandler: { connectionTimeout: 5000, socketTimeout: 30_000 },
};
