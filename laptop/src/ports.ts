import { LaptopError } from './laptop-error.ts';

/** Default port of the API. The services use the ports after it. */
export const DEFAULT_PORT = 8787;

/** The services in the order of their ports, which follow the API's. */
const ORDER = ['s3', 'ses', 'dynamodb', 'sqs', 'kms', 'apigateway', 'guardduty', 'events'] as const;

/** Returns a service's preferred port, which is the same at every start, or 0 if `base` is 0. */
export function portOf(service: (typeof ORDER)[number], base: number): number {
  return base === 0 ? 0 : base + 1 + ORDER.indexOf(service);
}

/** Starts a server on a port, or on any free port if that one is taken. */
export async function onPortOrFree<Started>(
  port: number,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  try {
    return await start(port);
  } catch (error) {
    if (port === 0 || !isTaken(error)) throw error;
    return start(0);
  }
}

/**
 * Starts a server on exactly this port.
 *
 * @throws LaptopError if the port is taken or needs privileges
 */
export async function onExactPort<Started>(
  port: number,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  try {
    return await start(port);
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new LaptopError(
      `Port ${port} is taken by another program or needs privileges. Choose another one with --port, or any free one with --port 0.`,
    );
  }
}

const isTaken = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (error.code === 'EADDRINUSE' || error.code === 'EACCES');
