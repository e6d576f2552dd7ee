import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { SESClient } from '@aws-sdk/client-ses';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Endpoints } from '../../../bin/local/stack.ts';
import type { AccessKey } from '../../../laptop/src/access-keys.ts';
import { createClients } from '../../../laptop/src/clients.ts';
import type { FunctionName } from '../../../lib/capabilities.ts';

/** Clients with the credentials of one function, as an attacker could use them. */
export type RoleClients = ReturnType<typeof clientsOf>;

/**
 * Creates the clients of a function's role.
 *
 * @throws Error if the function has not run yet in this local mode
 */
export function clientsOf(name: FunctionName, endpoints: Endpoints, dataDir: string) {
  const keys = JSON.parse(readFileSync(join(dataDir, 'access-keys.json'), 'utf8')) as Record<
    string,
    AccessKey
  >;
  const credentials = keys[`role/${name}`];
  if (credentials === undefined) throw new Error(`The function ${name} has not run yet.`);
  const { region } = endpoints;
  const { dynamodb, s3, sqs, destroy } = createClients(endpoints, credentials, region);
  const kms = new KMSClient({ endpoint: endpoints.kms, region, credentials });
  const ses = new SESClient({ endpoint: endpoints.ses, region, credentials });
  return {
    tables: DynamoDBDocumentClient.from(dynamodb),
    s3,
    sqs,
    kms,
    ses,
    destroy: () => {
      destroy();
      kms.destroy();
      ses.destroy();
    },
  };
}
