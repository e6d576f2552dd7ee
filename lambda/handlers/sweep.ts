import * as z from 'zod/mini';
import type { Telemetry } from '../domain/ports.ts';
import { type SweepDependencies, type Swept, sweepUploads } from '../domain/uploads/sweep-uploads.ts';

/** Scheduled event from EventBridge. Only the fields used here are read. */
const scheduledEvent = z.object({ id: z.string() });

export interface SweepHandlerDependencies extends SweepDependencies {
  readonly telemetry: Telemetry;
}

const ROUTE = 'sweep';

/**
 * Creates the scheduled sweep. Uploads whose handling failed stay due for the next run. Such a failure does not make
 * the handler throw, because Lambda would then repeat the whole sweep.
 */
export function createSweepHandler(deps: SweepHandlerDependencies) {
  const { telemetry } = deps;
  return async (event: unknown): Promise<Swept> => {
    const { id: requestId } = scheduledEvent.parse(event);
    const swept = await sweepUploads(deps, (cause) => telemetry.fault(ROUTE, requestId, cause));
    telemetry.handled({ route: ROUTE, requestId, outcome: 'swept' });
    telemetry.count('UploadExpired', swept.expired);
    telemetry.count('UploadPublished', swept.published);
    telemetry.count('UploadRejected', swept.rejected);
    telemetry.count('UploadParked', swept.parked);
    // An upload that the sweep ends is also deleted by it.
    telemetry.count('UploadDeleted', swept.deleted + swept.expired + swept.rejected);
    telemetry.count('VerdictAsked', swept.asked);
    telemetry.age('QuarantineAge', swept.oldestSeconds);
    return swept;
  };
}
