import * as z from 'zod/mini';
import {
  DOWNLOAD_SECONDS,
  endings,
  list,
  name,
  presenceCodes,
  presigning,
  readLinks,
  tables,
  url,
  wholeNumber,
} from './groups.ts';

export const redeeming = {
  ...readLinks,
  ...tables,
  ...endings,
  ...presenceCodes,
  FILE_BUCKET: name,
  MAIL_QUEUE_URL: url,
  /** Deliveries that the options turn off, comma-separated. */
  DELIVERIES_OFF: list,
};

export const redeemEnvironment = z.strictObject({ ...redeeming, ...presigning, DOWNLOAD_SECONDS });

export const streamEnvironment = z.strictObject({
  ...redeeming,
  QUOTA_TABLE: name,
  STREAM_CONCURRENCY: wholeNumber(1, 10_000),
});
