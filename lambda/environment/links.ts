import * as z from 'zod/mini';
import {
  endings,
  LINK_LIFETIME_SECONDS,
  name,
  programLimits,
  publicOrigin,
  recipients,
  signing,
  tables,
  url,
} from './groups.ts';

export const linksEnvironment = z.strictObject({
  ...tables,
  ...endings,
  ...signing,
  ...programLimits,
  ...publicOrigin,
  ...recipients,
  LINK_LIFETIME_SECONDS,
  FILE_BUCKET: name,
  ISSUE_TABLE: name,
  QUOTA_TABLE: name,
  PSEUDONYM_KEY_ID: name,
  MAIL_QUEUE_URL: url,
});
