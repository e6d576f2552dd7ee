import { S3UploadRequests } from '../adapters/s3-upload-requests.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { uploadsEnvironment } from '../environment/uploads.ts';
import { createUploadsHandler } from '../handlers/uploads.ts';
import { bearers } from './bearers.ts';
import { signerFor } from './presigning.ts';
import { documentClient, pseudonyms, quota, systemClock, telemetry } from './systems.ts';
import { bucketClient, uploadTables } from './upload-systems.ts';

const environment = parseEnvironment(uploadsEnvironment, process.env);
const client = documentClient();
const s3 = bucketClient();
const measured = telemetry();

export const handler = createUploadsHandler({
  clock: systemClock,
  ...uploadTables(client, environment),
  quarantine: new S3UploadRequests(
    s3,
    { bucket: environment.FILE_BUCKET, keyArn: environment.FILE_KEY_ARN },
    signerFor(environment, s3),
  ),
  quota: quota(client, environment, measured),
  limits: {
    mostBytes: environment.UPLOAD_MAX_BYTES,
    types: new Set(environment.UPLOAD_TYPES),
    openSessions: environment.UPLOAD_OPEN_LIMIT,
    bytesPerDay: environment.UPLOAD_BYTES_PER_DAY,
    sessionSeconds: environment.UPLOAD_SESSION_SECONDS,
  },
  pseudonyms: pseudonyms(environment),
  telemetry: measured,
  verify: bearers(environment),
});
