import { type Fact, fact, factFormats } from '../tvm/facts.ts';
import type { UploadLink } from './upload-link.ts';

/**
 * Returns the facts about an upload link, most important first, followed by its files.
 *
 * @param format `people` for rounded times and sizes, `plain` for full times and bytes
 */
export function uploadLinkFacts(link: UploadLink, format: 'people' | 'plain'): readonly Fact[] {
  const { time, bytes } = factFormats(format);
  const at = (name: string, text: string | undefined) => fact(name, text && time(text));
  return [
    ['ID', link.linkId],
    ['State', link.state],
    ['For', link.for],
    ...fact('To', link.to),
    ...fact('Notifies', link.notify),
    ['Issued', time(link.issuedAt)],
    ['Expires', time(link.expiresAt)],
    ...at('Finished', link.finishedAt),
    ...at('Revoked', link.revokedAt),
    ['File limit', String(link.mostFiles)],
    ['Size limit', bytes(link.maxBytes)],
    ['Types', link.types.join(', ')],
    ...link.files.map(({ objectId, state, reason, size, fileName }): Fact => {
      const details = [objectId, state, reason, size === undefined ? undefined : bytes(size), fileName];
      return ['File', details.filter((detail) => detail !== undefined).join(' ')];
    }),
  ];
}
