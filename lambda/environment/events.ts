import * as z from 'zod/mini';
import { name, receipts, tables, url } from './groups.ts';

export const eventsEnvironment = z.strictObject({
  ...receipts,
  TOKEN_TABLE: tables.TOKEN_TABLE,
  LEDGER_TABLE: tables.LEDGER_TABLE,
  /** Absent if uploads are turned off. */
  UPLOAD_TABLE: z.optional(name),
  EVENT_BUS: name,
  EVENTS_URL: url,
});
