import type { UploadId } from '../../lambda/domain/ids.ts';
import type { Scanner } from '../../lambda/domain/uploads/ports.ts';

/** Records the versions that the scanner should judge. Tests decide what the scanner finds, and when. */
export class MemoryScanner implements Scanner {
  readonly asked: { readonly uploadId: UploadId; readonly versionId: string }[] = [];

  async scan(uploadId: UploadId, versionId: string): Promise<void> {
    this.asked.push({ uploadId, versionId });
  }
}
