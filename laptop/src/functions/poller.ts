/** A poller of a queue or stream. It runs until it is stopped. */
export interface Poller {
  /** Stops polling, and resolves once the batches in progress are finished. */
  stop(): Promise<void>;
}

/** Waits for the given number of milliseconds, or until the signal is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const done = Promise.withResolvers<void>();
  const end = () => done.resolve();
  const timer = setTimeout(end, milliseconds);
  signal.addEventListener('abort', end);
  await done.promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
}
