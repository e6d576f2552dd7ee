import type { ClientSettings } from './connection.ts';

function silent(): void {
  // Discard the SDK's log messages. The command itself reports errors to the operator.
}

/**
 * Attempts and timeouts (milliseconds) of every AWS client. An attempt fails after half a minute without traffic, so a
 * long upload that makes progress is not cut off.
 */
export const CLIENT_SETTINGS: Pick<ClientSettings, 'maxAttempts' | 'requestHandler' | 'logger'> = {
  maxAttempts: 4,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  requestHandler: { connectionTimeout: 5000, socketTimeout: 30_000 },
};
