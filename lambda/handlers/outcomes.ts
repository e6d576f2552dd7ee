import * as z from 'zod/mini';
import type { Telemetry } from '../domain/ports.ts';
import { type TellDependencies, tellOutcomes } from '../domain/upload-links/tell-outcomes.ts';

/** Describes the part of EventBridge's scheduled event that is read. */
const scheduledEvent = z.object({ id: z.string() });

export interface OutcomesDependencies extends TellDependencies {
  readonly telemetry: Telemetry;
}

const ROUTE = 'outcomes';

/** Creates the function that the schedule runs to tell inviters what became of files. What fails is left to the next run. */
export function createOutcomesHandler(deps: OutcomesDependencies) {
  const { telemetry } = deps;
  return async (event: unknown) => {
    const { id: requestId } = scheduledEvent.parse(event);
    const counts = await tellOutcomes(deps, (cause) => telemetry.fault(ROUTE, requestId, cause));
    telemetry.handled({ route: ROUTE, requestId, outcome: 'told' });
    return counts;
  };
}
