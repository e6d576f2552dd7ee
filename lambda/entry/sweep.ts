import { S3UploadVersions } from '../adapters/s3-upload-versions.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { sweepEnvironment } from '../environment/uploads.ts';
import { createSweepHandler } from '../handlers/sweep.ts';
import { documentClient, quota, systemClock, telemetry } from './systems.ts';
import { bucketClient, scanner, uploadTables } from './upload-systems.ts';

const environment = parseEnvironment(sweepEnvironment, process.env);
const client = documentClient();
const measured = telemetry();

export const handler = createSweepHandler({
  clock: systemClock,
  ...uploadTables(client, environment),
  quarantine: new S3UploadVersions(bucketClient(), environment.FILE_BUCKET),
  scanner: scanner(environment),
  quota: quota(client, environment, measured),
  telemetry: measured,
});
