import * as z from 'zod/mini';
import { downloads, list, name, presigning, pseudonyms, tables, url, wholeNumber } from './groups.ts';

const MOST_BYTES = 100 * 1024 ** 4;

/** Variables of all functions that handle uploads. */
const stored = {
  UPLOAD_TABLE: name,
  UPLOAD_HISTORY_TABLE: name,
  LEDGER_RETENTION_DAYS: tables.LEDGER_RETENTION_DAYS,
  FILE_BUCKET: name,
};

/** Variables needed to take and free session slots. */
const slots = { QUOTA_TABLE: name };

/** Identity provider whose bearer tokens are accepted. All three are empty if there is no provider. */
export const oidc = { OIDC_ISSUER: z.string(), OIDC_AUDIENCE: z.string(), OIDC_TENANT_CLAIM: z.string() };

const scanner = { GUARDDUTY_URL: url };

export const uploadsEnvironment = z.strictObject({
  ...stored,
  ...slots,
  ...oidc,
  ...pseudonyms,
  ...presigning,
  FILE_KEY_ARN: name,
  UPLOAD_MAX_BYTES: wholeNumber(1, MOST_BYTES),
  UPLOAD_TYPES: list,
  UPLOAD_OPEN_LIMIT: wholeNumber(1, 100),
  UPLOAD_BYTES_PER_DAY: wholeNumber(1, MOST_BYTES),
  UPLOAD_SESSION_SECONDS: wholeNumber(3_600, 604_800),
});

export const finalizeEnvironment = z.strictObject({ ...stored, ...slots, ...oidc });

export const objectsEnvironment = z.strictObject({ ...stored, ...oidc, ...presigning, ...downloads });

export const verdictsEnvironment = z.strictObject({ ...stored, ...slots });

export const sweepEnvironment = z.strictObject({ ...stored, ...slots, ...scanner });

export const reviewsEnvironment = z.strictObject({ ...stored, ...slots, ...scanner });
