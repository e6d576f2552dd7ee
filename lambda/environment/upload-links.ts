import * as z from 'zod/mini';
import {
  formLimits,
  list,
  name,
  presigning,
  programLimits,
  pseudonyms,
  publicOrigin,
  recipients,
  signedOrigins,
  signing,
  trustedProxy,
  uploadLinks,
  url,
} from './groups.ts';
import { oidc, uploadsEnvironment } from './uploads.ts';

const { shape } = uploadsEnvironment;

export const invitesEnvironment = z.strictObject({
  ...uploadLinks,
  ...signing,
  ...pseudonyms,
  ...programLimits,
  ...publicOrigin,
  ...recipients,
  ...oidc,
  UPLOAD_MAX_BYTES: shape.UPLOAD_MAX_BYTES,
  UPLOAD_TYPES: list,
  QUOTA_TABLE: name,
  MAIL_QUEUE_URL: url,
});

export const receiveEnvironment = z.strictObject({
  ...uploadLinks,
  ...signing,
  ...pseudonyms,
  ...signedOrigins,
  ...presigning,
  ...trustedProxy,
  FILE_BUCKET: name,
  FILE_KEY_ARN: name,
  QUOTA_TABLE: name,
  UPLOAD_BYTES_PER_DAY: shape.UPLOAD_BYTES_PER_DAY,
  UPLOAD_SESSION_SECONDS: shape.UPLOAD_SESSION_SECONDS,
  SOURCE_LIMIT_PER_HOUR: formLimits.SOURCE_LIMIT_PER_HOUR,
});

export const submitEnvironment = z.strictObject({
  ...uploadLinks,
  ...signing,
  ...signedOrigins,
  FILE_BUCKET: name,
  MAIL_QUEUE_URL: url,
});

export const outcomesEnvironment = z.strictObject({ ...uploadLinks, MAIL_QUEUE_URL: url });
