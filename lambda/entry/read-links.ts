import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Values, readLinks as variables } from '../environment/groups.ts';
import { isAllowedFrom } from '../http/allowed-from.ts';
import { siteOf } from './brand.ts';
import { secondChances, signingKeys, systemClock, telemetry, tokenStore } from './systems.ts';

/** Returns the shared dependencies of the functions that show or redeem links. */
export async function readLinks(client: DynamoDBDocumentClient, environment: Values<typeof variables>) {
  return {
    clock: systemClock,
    keys: await signingKeys(environment),
    store: tokenStore(client, environment),
    secondChances: secondChances(client, environment),
    telemetry: telemetry(),
    isAllowedFrom,
    ...siteOf(environment),
  };
}
