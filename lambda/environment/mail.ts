import * as z from 'zod/mini';
import { name, programLimits, publicOrigin, receipts, recipients, signing, tables } from './groups.ts';

export const mailEnvironment = z.strictObject({
  ...tables,
  ...receipts,
  ...signing,
  ...programLimits,
  ...publicOrigin,
  ...recipients,
  QUOTA_TABLE: name,
  SENDER_EMAIL: name,
  CONFIGURATION_SET: name,
});
