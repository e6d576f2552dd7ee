import { S3UploadVersions } from '../adapters/s3-upload-versions.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { verdictsEnvironment } from '../environment/uploads.ts';
import { createVerdictsHandler } from '../handlers/verdicts.ts';
import { documentClient, quota, systemClock, telemetry } from './systems.ts';
import { bucketClient, uploadTables } from './upload-systems.ts';

const environment = parseEnvironment(verdictsEnvironment, process.env);
const client = documentClient();
const measured = telemetry();

export const handler = createVerdictsHandler({
  clock: systemClock,
  ...uploadTables(client, environment),
  quarantine: new S3UploadVersions(bucketClient(), environment.FILE_BUCKET),
  quota: quota(client, environment, measured),
  telemetry: measured,
  bucket: environment.FILE_BUCKET,
});
