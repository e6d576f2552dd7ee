import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNativeError } from 'node:util/types';
import { z } from 'zod';
import { CLIENT_SETTINGS } from './client-settings.ts';
import { CommandFailure } from './command-failure.ts';
import type { Connection } from './connection.ts';
import { Deployment } from './deployment.ts';

const DEFAULT_DATA_DIR = fileURLToPath(new URL('../../.local', import.meta.url));

/** The members of the endpoints file that clients need, besides the names of a deployment. */
const Access = z.looseObject({
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  s3: z.url(),
  dynamodb: z.url(),
  sqs: z.url(),
  ses: z.url(),
  kms: z.url(),
  apigateway: z.url(),
});

/**
 * Connects to local mode. A file in its data folder lists the endpoints of its services.
 *
 * @throws CommandFailure if local mode is not running, or is a different version from this CLI
 */
export function connectLocalMode(dataDir: string = DEFAULT_DATA_DIR): Connection {
  const file = join(dataDir, 'endpoints.json');
  const values = Access.safeParse(readJson(file));
  if (!values.success) throw stale(file);
  const deployment = Deployment.safeParse({ ...values.data, apiUrl: values.data.api });
  if (!deployment.success) throw stale(file);
  const { region, accessKeyId, secretAccessKey } = values.data;
  const credentials = { accessKeyId, secretAccessKey };
  const urls: Readonly<Record<string, unknown>> = values.data;
  return {
    kind: 'local',
    deployment: deployment.data,
    region,
    credentials,
    settings: (service) => {
      const endpoint = urls[service];
      if (typeof endpoint !== 'string') throw new CommandFailure('usage', `Local mode has no ${service}.`);
      const settings = { ...CLIENT_SETTINGS, region, endpoint, credentials };
      return service === 's3' ? { ...settings, forcePathStyle: true } : settings;
    },
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!isNativeError(error) || (error.name !== 'SyntaxError' && !('code' in error))) throw error;
    if ('code' in error && error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
      throw new CommandFailure(
        'notFound',
        `${file} could not be read (${String(error.code)}).`,
        'Run the command as the user who started local mode, or specify its folder with --data-dir.',
      );
    }
    throw new CommandFailure(
      'notFound',
      `Local mode is not running: ${file} is missing or incomplete.`,
      'Start it with "npm start" in another terminal, or specify its folder with --data-dir.',
    );
  }
}

const stale = (file: string) =>
  new CommandFailure(
    'notFound',
    `${file} was written by another version.`,
    'Stop local mode, and start it again with "npm start".',
  );
