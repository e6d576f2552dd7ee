import { fitsType } from '../adapters/file-type.ts';
import { S3UploadChecks } from '../adapters/s3-upload-checks.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { submitEnvironment } from '../environment/upload-links.ts';
import { createSubmitHandler } from '../handlers/submit.ts';
import { siteOf } from './brand.ts';
import { linkTables } from './link-systems.ts';
import { documentClient, mailQueue, signingKeys, systemClock, telemetry } from './systems.ts';
import { bucketClient } from './upload-systems.ts';

const environment = parseEnvironment(submitEnvironment, process.env);

export const handler = createSubmitHandler({
  ...linkTables(documentClient(), environment),
  clock: systemClock,
  keys: await signingKeys(environment),
  quarantine: new S3UploadChecks(bucketClient(), { bucket: environment.FILE_BUCKET }),
  fitsType,
  queue: mailQueue(environment),
  telemetry: telemetry(),
  ...siteOf(environment),
});
