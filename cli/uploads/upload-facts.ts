import { type Fact, fact, factFormats } from '../tvm/facts.ts';
import type { UploadWithHistory } from './upload.ts';

/**
 * Returns the facts about an upload, most important first, followed by its history.
 *
 * @param format `people` for rounded times and sizes, `plain` for full times and bytes
 */
export function uploadFacts(upload: UploadWithHistory, format: 'people' | 'plain'): readonly Fact[] {
  const { time, bytes } = factFormats(format);
  const { size } = upload;
  return [
    ['Upload', upload.uploadId],
    ['Object', upload.objectId],
    ['State', upload.state],
    ...fact('Reason', upload.reason),
    ['File', upload.fileName],
    ...fact('Size', size === undefined ? undefined : bytes(size)),
    ['Type', upload.type],
    ['Tenant', upload.tenant],
    ...fact('Verdict', upload.verdict),
    ...fact('Version', upload.versionId),
    ['Created', time(upload.createdAt)],
    ['Session until', time(upload.sessionExpiresAt)],
    ...upload.history.map(({ at, event, result, reason, by }): Fact => {
      const details = [result, reason, by && `by ${by}`].filter((detail) => detail !== undefined);
      return [time(at), [event, ...details].join(' ')];
    }),
  ];
}
