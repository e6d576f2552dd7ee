import { z } from 'zod';
import type { RunningService } from '../loopback-server.ts';
import { parseJson } from '../parse-json.ts';
import {
  type Callers,
  type ProxiedService,
  type RequiredPermission,
  startAuthProxy,
} from '../services/auth-proxy.ts';
import { jsonError, jsonResponse } from '../services/emulator.ts';
import { jsonObject, protocolError, refuseJson, targetOperation } from '../services/json-protocol.ts';
import { busNamed, type Place } from '../template/physical.ts';
import type { EventBuses, PutEventResult } from './event-bus.ts';

/** Maximum size of a request in bytes: EventBridge's limit of 1 MiB, plus room for the JSON around the entries. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const Entry = z.object({
  EventBusName: z.string().default('default'),
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  /** In epoch seconds. */
  Time: z.number().optional(),
});
type Entry = z.output<typeof Entry>;

const JsonObject = z.record(z.string(), z.unknown());

const Input = z.object({ Entries: z.array(Entry).min(1).max(10) });

export interface EventsApiOptions {
  readonly port: number;
  readonly place: Pick<Place, 'region' | 'accountId'>;
  readonly putEvent: EventBuses['putEvent'];
}

/**
 * Starts a local EventBridge on 127.0.0.1 that supports only `PutEvents`. An invalid entry does not affect the others.
 * If the caller lacks permission for even one entry, nothing is put.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const startEventsApi = (
  { port, place, putEvent }: EventsApiOptions,
  callers: Callers,
): Promise<RunningService> =>
  startAuthProxy(
    eventBridge(place),
    port,
    {
      send: async ({ headers, body }) => {
        if (targetOperation(headers['x-amz-target']) !== 'PutEvents')
          return jsonError({
            code: 'UnknownOperationException',
            message: 'Only PutEvents is supported.',
          });
        const input = Input.safeParse(jsonObject(body));
        if (!input.success)
          return jsonError({ code: 'ValidationException', message: z.prettifyError(input.error) });
        const results = input.data.Entries.map((entry) => put(entry, putEvent));
        return jsonResponse(200, {
          FailedEntryCount: results.filter((result) => 'errorCode' in result).length,
          Entries: results.map((result) =>
            'errorCode' in result
              ? { ErrorCode: result.errorCode, ErrorMessage: result.errorMessage }
              : { EventId: result.eventId },
          ),
        });
      },
      close: async () => undefined,
    },
    callers,
  );

const eventBridge = ({ region, accountId }: EventsApiOptions['place']): ProxiedService => ({
  name: 'events',
  region,
  maxBodyBytes: MAX_BODY_BYTES,
  refuse: refuseJson,
  requiredPermissions: (request, body) => {
    const error = protocolError(request, 'AWSEvents', '1.1');
    if (error !== undefined) return error;
    const operation = targetOperation(request.headers['x-amz-target']);
    const entries = Input.safeParse(jsonObject(body)).data?.Entries ?? [];
    if (operation !== 'PutEvents') return [];
    return entries.map(
      ({ EventBusName, Source = '', DetailType = '' }): RequiredPermission => ({
        action: 'events:PutEvents',
        resource: `arn:aws:events:${region}:${accountId}:event-bus/${busNamed(EventBusName)}`,
        conditions: { 'events:source': [Source], 'events:detail-type': [DetailType] },
      }),
    );
  },
});

function put(
  { EventBusName, Source, DetailType, Detail, Resources, Time }: Entry,
  putEvent: EventBuses['putEvent'],
): PutEventResult {
  for (const [name, value] of Object.entries({ Source, DetailType, Detail }))
    if (value === undefined || value === '')
      return {
        errorCode: 'InvalidArgument',
        errorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
  const detail = JsonObject.safeParse(parseJson(Detail ?? '')).data;
  if (detail === undefined) return { errorCode: 'MalformedDetail', errorMessage: 'Detail is malformed.' };
  return putEvent({
    bus: busNamed(EventBusName),
    source: Source ?? '',
    'detail-type': DetailType ?? '',
    resources: Resources,
    detail,
    ...(Time === undefined ? {} : { at: new Date(Time * 1000) }),
  });
}
