import { epochSeconds, newUploadId, secondsAfter, type Tenant } from '../../lambda/domain/ids.ts';
import type { Upload } from '../../lambda/domain/uploads/upload.ts';

/** Returns an upload with a new ID, whose session opens at this moment and lasts a day. */
export function uploadAt(moment: Date): Upload {
  const createdAt = epochSeconds(moment);
  const sessionExpiresAt = secondsAfter(createdAt, 86_400);
  return {
    uploadId: newUploadId(),
    tenant: 'iam:AROAEXAMPLE' as Tenant,
    fileName: 'Bericht – Ärzte.pdf',
    size: 5,
    type: 'application/pdf',
    checksum: { kind: 'sha256', base64: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' },
    state: 'created',
    step: { event: 'opened' },
    revision: 0,
    createdAt,
    changedAt: moment,
    sessionExpiresAt,
    dueAt: sessionExpiresAt,
    closed: false,
    slot: 0,
    asked: 0,
  };
}
