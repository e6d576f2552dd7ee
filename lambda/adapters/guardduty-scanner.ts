import type { UploadId } from '../domain/ids.ts';
import type { Scanner } from '../domain/uploads/ports.ts';
import { keyOfUpload } from '../domain/uploads/upload.ts';
import { callService } from './service-fault.ts';
import type { SignedRequests } from './signed-requests.ts';

/**
 * Requests scans by GuardDuty. Repeating a request is harmless: the second scan has the same verdict.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/APIReference/API_SendObjectMalwareScan.html
 */
export class GuardDutyScanner implements Scanner {
  readonly #guardDuty: Pick<SignedRequests, 'post'>;
  readonly #bucket: string;

  constructor(guardDuty: Pick<SignedRequests, 'post'>, bucket: string) {
    this.#guardDuty = guardDuty;
    this.#bucket = bucket;
  }

  async scan(uploadId: UploadId, versionId: string): Promise<void> {
    const s3Object = { bucket: this.#bucket, key: keyOfUpload(uploadId), versionId };
    const headers = { 'content-type': 'application/json' };
    await callService('scanner', () =>
      this.#guardDuty.post('/object-malware-scan/send', { s3Object }, headers),
    );
  }
}
