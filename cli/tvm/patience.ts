import type { ClientSettings } from './connection.ts';

function silent(): void {
  // What a person has to know, the command says.
}

/**
 * Attempts and timeouts (milliseconds) of every call to a service: four attempts, each of which may be silent for
 * half a minute. A long upload that goes on is not cut off.
 */
export const PATIENCE: Pick<ClientSettings, 'maxAttempts' | 'requestHandler' | 'logger'> = {
  maxAttempts: 4,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  requestHandler: { connectionTimeout: 5000, socketTimeout: 30_000 },
};
