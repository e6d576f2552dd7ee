import { type LinkDescription, type TokenState, timestamp } from '../../lambda/operator.ts';

/** One link that was issued, and what became of it: a row of the export. Times are RFC 3339 in UTC. */
export interface Lead {
  readonly tokenId: string;
  readonly asset: string;
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  /** To whom the link was mailed. */
  readonly address?: string;
  /** `public` for the form, or the ARN of the signed caller. */
  readonly issuedBy: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly state: TokenState;
  readonly open: string;
  readonly delivery: string;
  /** The newest word on the mail; a link that was handed out has none. */
  readonly mail?: string;
  readonly mailAt?: string;
  readonly redeemedAt?: string;
  readonly revokedAt?: string;
  /** Of a link with delivery `stream`. */
  readonly delivered?: string;
  readonly deliveredBytes?: number;
  readonly deliveredAt?: string;
  readonly note?: string;
  readonly notify?: string;
}

/** The columns, in their order: programs rely on it, so new ones come last. */
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

/** A link's story in one row. */
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
