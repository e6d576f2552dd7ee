import { S3UploadForms } from '../adapters/s3-upload-forms.ts';
import { S3UploadRequests } from '../adapters/s3-upload-requests.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { receiveEnvironment } from '../environment/upload-links.ts';
import { createReceiveHandler } from '../handlers/receive.ts';
import { siteOf } from './brand.ts';
import { linkTables } from './link-systems.ts';
import { signerFor } from './presigning.ts';
import { documentClient, pseudonyms, quota, signingKeys, systemClock, telemetry } from './systems.ts';
import { bucketClient } from './upload-systems.ts';

const environment = parseEnvironment(receiveEnvironment, process.env);
const client = documentClient();
const measured = telemetry();
const s3 = bucketClient();
const signer = signerFor(environment, s3);
const store = { bucket: environment.FILE_BUCKET, keyArn: environment.FILE_KEY_ARN };

export const handler = createReceiveHandler({
  ...linkTables(client, environment),
  clock: systemClock,
  keys: await signingKeys(environment),
  quarantine: new S3UploadRequests(s3, store, signer),
  forms: new S3UploadForms(signer, { ...store, clock: systemClock }),
  quota: quota(client, environment, measured),
  pseudonyms: pseudonyms(environment),
  limits: {
    bytesPerDay: environment.UPLOAD_BYTES_PER_DAY,
    sessionSeconds: environment.UPLOAD_SESSION_SECONDS,
    sourcePerHour: environment.SOURCE_LIMIT_PER_HOUR,
  },
  telemetry: measured,
  ...siteOf(environment),
});
