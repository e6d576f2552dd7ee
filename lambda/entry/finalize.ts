import { fitsType } from '../adapters/file-type.ts';
import { S3UploadChecks } from '../adapters/s3-upload-checks.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { finalizeEnvironment } from '../environment/uploads.ts';
import { createFinalizeHandler } from '../handlers/finalize.ts';
import { bearers } from './bearers.ts';
import { documentClient, quota, systemClock, telemetry } from './systems.ts';
import { bucketClient, uploadTables } from './upload-systems.ts';

const environment = parseEnvironment(finalizeEnvironment, process.env);
const client = documentClient();
const measured = telemetry();

export const handler = createFinalizeHandler({
  clock: systemClock,
  ...uploadTables(client, environment),
  quarantine: new S3UploadChecks(bucketClient(), { bucket: environment.FILE_BUCKET }),
  quota: quota(client, environment, measured),
  fitsType,
  telemetry: measured,
  verify: bearers(environment),
});
