import * as z from 'zod/mini';
import type { Telemetry } from '../domain/ports.ts';
import { type TellDependencies, tellOutcomes } from '../domain/upload-links/tell-outcomes.ts';

/** Scheduled event from EventBridge. Only the fields used here are read. */
const scheduledEvent = z.object({ id: z.string() });

export interface OutcomesDependencies extends TellDependencies {
  readonly telemetry: Telemetry;
}

const ROUTE = 'outcomes';

/** Creates the scheduled function that notifies inviters of their links' outcomes. Failures are left for the next run. */
export function createOutcomesHandler(deps: OutcomesDependencies) {
  const { telemetry } = deps;
  return async (event: unknown) => {
    const { id: requestId } = scheduledEvent.parse(event);
    const counts = await tellOutcomes(deps, (cause) => telemetry.fault(ROUTE, requestId, cause));
    telemetry.handled({ route: ROUTE, requestId, outcome: 'told' });
    return counts;
  };
}
