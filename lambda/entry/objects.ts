import { S3UploadDownloads } from '../adapters/s3-upload-downloads.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { objectsEnvironment } from '../environment/uploads.ts';
import { createObjectsHandler } from '../handlers/objects.ts';
import { bearers } from './bearers.ts';
import { signerFor } from './presigning.ts';
import { documentClient, systemClock, telemetry } from './systems.ts';
import { uploadTables } from './upload-systems.ts';

const environment = parseEnvironment(objectsEnvironment, process.env);

export const handler = createObjectsHandler({
  clock: systemClock,
  ...uploadTables(documentClient(), environment),
  quarantine: new S3UploadDownloads(signerFor(environment), environment.FILE_BUCKET, {
    origin: environment.DOWNLOAD_ORIGIN,
  }),
  telemetry: telemetry(),
  verify: bearers(environment),
});
