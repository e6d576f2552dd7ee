import * as z from 'zod/mini';
import { parseLinkId } from '../domain/ids.ts';
import { UNSAFE_CHARACTERS } from '../domain/unsafe-characters.ts';
import type { LinkPosition } from '../domain/upload-links/ports.ts';
import { LINK_LIFETIME, MOST_FILES } from '../domain/upload-links/upload-link.ts';
import { parseEmailAddress } from './address.ts';
import { parsed } from './check.ts';
import { mediaType, numeral, size } from './upload-request.ts';

/* Schemas of tenants' requests about upload links. */

const LONGEST_PURPOSE = 200;
const MOST_TYPES = 100;

/** Matches one line of text without unsafe characters or surrounding spaces. */
const PURPOSE = new RegExp(
  `^[^\\s${UNSAFE_CHARACTERS}]([^${UNSAFE_CHARACTERS}]*[^\\s${UNSAFE_CHARACTERS}])?$`,
  'u',
);

const expiresIn = z.int().check(z.minimum(LINK_LIFETIME.min), z.maximum(LINK_LIFETIME.max));

/** Body of `POST /upload-links`. */
export const inviteRequest = z.strictObject({
  for: z.string().check(z.maxLength(LONGEST_PURPOSE), z.regex(PURPOSE)),
  to: z.optional(parsed(parseEmailAddress)),
  notify: z.optional(parsed(parseEmailAddress)),
  files: z._default(z.int().check(z.minimum(1), z.maximum(MOST_FILES)), 1),
  maxBytes: z.optional(size),
  types: z.optional(z.array(mediaType).check(z.minLength(1), z.maxLength(MOST_TYPES))),
  expiresIn: z._default(expiresIn, LINK_LIFETIME.usual),
  reveal: z._default(z.boolean(), false),
});

/** Body of `POST /upload-links/{linkId}/extend`. */
export const extendRequest = z.strictObject({ expiresIn });

/** Path parameters of `/upload-links/{linkId}`. */
export const uploadLinkPath = z.strictObject({ linkId: parsed(parseLinkId) });

function parseLinkPosition(text: string): LinkPosition | undefined {
  return /^\d{1,12}\.e[0-9a-f]{31}$/.test(text) ? (text as LinkPosition) : undefined;
}

/** Query of `GET /upload-links`. */
export const uploadLinksQuery = z.strictObject({
  limit: z._default(z.optional(numeral(1, 100)), 20),
  cursor: z.optional(parsed(parseLinkPosition)),
});
