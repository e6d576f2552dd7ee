import type { Link } from '../links/link.ts';
import type { Recipient } from './recipient.ts';

/** A recipient, and the state of the link that was issued to them. */
export interface Standing {
  readonly recipient: Recipient;
  /** Absent if none was issued. */
  readonly link?: Pick<Link, 'tokenId' | 'state' | 'mail' | 'redeemedAt'>;
  /** The code of the problem if the API refused to issue the link. */
  readonly problem?: string;
}

/**
 * The totals of a list. `recipients` is `notIssued` plus `issued`. `issued` is the sum of the five e-mail states, and
 * also the sum of the four link states.
 */
export interface Sums {
  readonly recipients: number;
  readonly notIssued: number;
  readonly issued: number;
  readonly mailed: number;
  readonly waiting: number;
  readonly failed: number;
  readonly bounced: number;
  readonly complained: number;
  readonly live: number;
  readonly redeemed: number;
  readonly revoked: number;
  readonly expired: number;
  readonly reminded: number;
}

/** Counts a list's links by link state and by e-mail state. */
export function sumsOf(standings: readonly Standing[]): Sums {
  const links = standings.flatMap(({ link }) => (link === undefined ? [] : [link]));
  const mails = (state: string) => links.filter(({ mail }) => mail?.state === state).length;
  const inState = (wanted: Link['state']) => links.filter(({ state }) => state === wanted).length;
  const counts = ['mailed', 'failed', 'bounced', 'complained'].map(mails);
  const [mailed = 0, failed = 0, bounced = 0, complained = 0] = counts;
  return {
    recipients: standings.length,
    notIssued: standings.length - links.length,
    issued: links.length,
    mailed,
    waiting: links.length - counts.reduce((sum, count) => sum + count, 0),
    failed,
    bounced,
    complained,
    live: inState('live'),
    redeemed: inState('redeemed'),
    revoked: inState('revoked'),
    expired: inState('expired'),
    reminded: links.filter(({ mail }) => mail?.remindedAt !== undefined).length,
  };
}

const TITLES: Readonly<Record<keyof Sums, string>> = {
  recipients: 'Recipients',
  notIssued: 'Not issued',
  issued: 'Issued',
  mailed: 'Mailed',
  waiting: 'Waiting',
  failed: 'Failed',
  bounced: 'Bounced',
  complained: 'Complained',
  live: 'Live',
  redeemed: 'Redeemed',
  revoked: 'Revoked',
  expired: 'Expired',
  reminded: 'Reminded',
};

/** Returns the sums as lines for people and programs. */
export function sumFacts(sums: Sums): readonly (readonly [name: string, value: string])[] {
  return (Object.keys(TITLES) as (keyof Sums)[]).map((name) => [TITLES[name], String(sums[name])]);
}

/** Returns a recipient's entry in the JSON report, without name and note. */
export function standingView({ recipient: { line, email }, link, problem }: Standing) {
  const { tokenId, state, mail, redeemedAt } = link ?? {};
  return {
    line,
    email,
    ...(tokenId !== undefined && { tokenId, state }),
    ...(mail && { mail }),
    ...(redeemedAt !== undefined && { redeemedAt }),
    ...(problem !== undefined && { problem }),
  };
}
