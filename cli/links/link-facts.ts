import { durationText } from '../tvm/duration.ts';
import { type Fact, fact, factFormats } from '../tvm/facts.ts';
import type { Link } from './link.ts';

/**
 * Returns the facts about a link, most important first.
 *
 * @param format `people` for rounded times and sizes, `plain` for full times and bytes
 */
export function linkFacts(link: Link, now: Date, format: 'people' | 'plain'): readonly Fact[] {
  const { people, time, bytes } = factFormats(format);
  const at = (name: string, text: string | undefined) =>
    fact(name, text === undefined ? undefined : time(text));
  const { mail, delivered } = link;
  return [
    ['ID', link.tokenId],
    ['State', link.state],
    ...(link.files?.flatMap((file): readonly Fact[] => {
      const ended = file.redeemedAt ?? file.revokedAt;
      const state = ended === undefined ? file.state : `${file.state} ${time(ended)}`;
      return [['File', `${file.asset} (${bytes(file.size)}) ${state}, ID ${file.tokenId}`]];
    }) ?? [
      ['Asset', link.asset],
      ['File', link.fileName],
      ['Size', bytes(link.size)],
    ]),
    ...(link.contents ?? []).map((file): Fact => ['Contains', `${file.asset} (${bytes(file.size)})`]),
    ...fact('Collection', link.collection),
    ['Issued', time(link.issuedAt)],
    ['Issued by', link.issuedBy],
    ...fact('Recipient', link.recipient),
    ...fact('Mail', mail && `${mail.state} ${time(mail.at)}`),
    ...at('Reminded', mail?.remindedAt),
    [
      'Expires',
      people && link.state === 'live'
        ? `${time(link.expiresAt)} (${leftOf(link, now)})`
        : time(link.expiresAt),
    ],
    ...at('Redeemed', link.redeemedAt),
    ...at('Revoked', link.revokedAt),
    ...fact('Reissued', link.reissuedAt?.map(time).join(', ')),
    ...fact('Revoked because', link.revokedReason === 'requested' ? undefined : link.revokedReason),
    ...fact('Delivered', delivered && `${delivered.outcome} ${bytes(delivered.bytes)} ${time(delivered.at)}`),
    ['Opens', link.open],
    ['Delivery', link.watermark ? 'stream, with a watermark' : link.delivery],
    ...fact('Name on copy', link.watermarkName),
    ...fact('Second chance', link.secondChance === undefined ? undefined : link.secondChance ? 'yes' : 'no'),
    ...fact('Only from', link.allowedCidrs?.join(', ')),
    ...fact('Note', link.note),
    ...fact('Notifies', link.notify),
  ];
}

const leftOf = ({ expiresAt }: Link, now: Date): string =>
  `in ${durationText(Math.max(0, (new Date(expiresAt).getTime() - now.getTime()) / 1000))}`;
