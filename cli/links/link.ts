import { z } from 'zod';

/** A link as the API returns it. `--json` also prints members that later versions add. */
export const Link = z.looseObject({
  tokenId: z.string(),
  asset: z.string(),
  fileName: z.string(),
  size: z.number(),
  state: z.enum(['live', 'redeemed', 'revoked', 'expired']),
  issuedAt: z.string(),
  expiresAt: z.string(),
  issuedBy: z.string(),
  open: z.string(),
  delivery: z.string(),
  allowedCidrs: z.array(z.string()).exactOptional(),
  recipient: z.string().exactOptional(),
  watermark: z.boolean().exactOptional(),
  watermarkName: z.string().exactOptional(),
  note: z.string().exactOptional(),
  notify: z.string().exactOptional(),
  mail: z
    .looseObject({ state: z.string(), at: z.string(), remindedAt: z.string().exactOptional() })
    .exactOptional(),
  redeemedAt: z.string().exactOptional(),
  revokedAt: z.string().exactOptional(),
  secondChance: z.boolean().exactOptional(),
  reissuedAt: z.array(z.string()).exactOptional(),
  /** The files in a collection. */
  files: z
    .array(
      z.looseObject({
        tokenId: z.string(),
        asset: z.string(),
        fileName: z.string(),
        size: z.number(),
        state: z.enum(['live', 'redeemed', 'revoked', 'expired']),
        redeemedAt: z.string().exactOptional(),
        revokedAt: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
  /** The files in a zip. */
  contents: z
    .array(z.looseObject({ asset: z.string(), fileName: z.string(), size: z.number() }))
    .exactOptional(),
  collection: z.string().exactOptional(),
  revokedReason: z.string().exactOptional(),
  delivered: z.looseObject({ outcome: z.string(), bytes: z.number(), at: z.string() }).exactOptional(),
});
export type Link = z.infer<typeof Link>;

export const LinkPage = z.object({ links: z.array(Link), cursor: z.string().exactOptional() });

/** The response to `POST /links`. It contains tokens, unless `reveal` was `false`. */
export const IssuedLinks = z.looseObject({
  links: z
    .array(
      z.looseObject({
        tokenId: z.string(),
        expiresAt: z.string(),
        url: z.string().exactOptional(),
        token: z.string().exactOptional(),
        presenceCode: z.string().exactOptional(),
      }),
    )
    .min(1),
});
export type IssuedLinks = z.infer<typeof IssuedLinks>;
