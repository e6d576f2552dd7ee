import { type LinkDescription, type TokenState, timestamp } from '../../lambda/operator.ts';

/** A row of the export: one link and what happened to it. Times are RFC 3339 in UTC. */
export interface Lead {
  readonly tokenId: string;
  readonly asset: string;
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  /** The address that the link was mailed to. */
  readonly address?: string;
  /** `public` for the form, or the ARN of the caller that signed the request. */
  readonly issuedBy: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly state: TokenState;
  readonly open: string;
  readonly delivery: string;
  /** The latest state of the e-mail. Absent if the link was not mailed. */
  readonly mail?: string;
  readonly mailAt?: string;
  readonly redeemedAt?: string;
  readonly revokedAt?: string;
  /** Only for links with delivery `stream`. */
  readonly delivered?: string;
  readonly deliveredBytes?: number;
  readonly deliveredAt?: string;
  readonly note?: string;
  readonly notify?: string;
}

/** The columns in order. Programs rely on the order, so new columns come last. */
export const LEAD_COLUMNS = [
  'tokenId',
  'asset',
  'fileName',
  'size',
  'address',
  'issuedBy',
  'issuedAt',
  'expiresAt',
  'state',
  'open',
  'delivery',
  'mail',
  'mailAt',
  'redeemedAt',
  'revokedAt',
  'delivered',
  'deliveredBytes',
  'deliveredAt',
  'note',
  'notify',
] as const satisfies readonly (keyof Lead)[];

export function leadOf({ issued, state, mail, redeemedAt, revokedAt, delivered }: LinkDescription): Lead {
  const { tokenId, asset, fileName, size, address, issuedBy, at, expiresAt, open, delivery, note, notify } =
    issued;
  return {
    tokenId,
    asset,
    fileName,
    size,
    ...(address !== undefined && { address }),
    issuedBy,
    issuedAt: timestamp(at.getTime() / 1000),
    expiresAt: timestamp(expiresAt),
    state,
    open,
    delivery,
    ...(mail && { mail: mail.state, mailAt: timestamp(mail.at.getTime() / 1000) }),
    ...(redeemedAt !== undefined && { redeemedAt: timestamp(redeemedAt) }),
    ...(revokedAt !== undefined && { revokedAt: timestamp(revokedAt) }),
    ...(delivered && {
      delivered: delivered.outcome,
      deliveredBytes: delivered.bytes,
      deliveredAt: timestamp(delivered.at.getTime() / 1000),
    }),
    ...(note !== undefined && { note }),
    ...(notify !== undefined && { notify }),
  };
}
