import * as z from 'zod/mini';
import {
  name,
  optionalUploadLinks,
  programLimits,
  publicOrigin,
  receipts,
  recipients,
  signing,
  tables,
} from './groups.ts';

export const mailEnvironment = z.strictObject({
  ...tables,
  ...receipts,
  ...signing,
  ...programLimits,
  ...publicOrigin,
  ...recipients,
  ...optionalUploadLinks,
  QUOTA_TABLE: name,
  SENDER_EMAIL: name,
  CONFIGURATION_SET: name,
});
