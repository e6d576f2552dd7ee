import * as z from 'zod/mini';
import {
  delivery,
  endings,
  LINK_LIFETIME_SECONDS,
  name,
  presenceCodes,
  programLimits,
  pseudonyms,
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
  ...delivery,
  ...recipients,
  LINK_LIFETIME_SECONDS,
  FILE_BUCKET: name,
  ISSUE_TABLE: name,
  QUOTA_TABLE: name,
  ...pseudonyms,
  ...presenceCodes,
  MAIL_QUEUE_URL: url,
  /** Absent if uploads are turned off. */
  UPLOAD_TABLE: z.optional(name),
  /** Absent if watermarks are turned off. */
  WATERMARKS: z.optional(z.literal('on')),
  /** Absent if second chances are turned off. */
  SECOND_CHANCE: z.optional(z.literal('on')),
  /** Absent if each link has only one file. */
  COLLECTIONS: z.optional(z.literal('on')),
});
