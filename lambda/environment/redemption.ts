import * as z from 'zod/mini';
import {
  DOWNLOAD_SECONDS,
  endings,
  name,
  origins,
  presenceCodes,
  presigning,
  secondChances,
  signing,
  tables,
  trustedProxy,
  url,
  wholeNumber,
} from './groups.ts';

export const redeeming = {
  ...tables,
  ...endings,
  ...signing,
  ...presenceCodes,
  ...origins,
  ...trustedProxy,
  ...secondChances,
  FILE_BUCKET: name,
  MAIL_QUEUE_URL: url,
};

export const redeemEnvironment = z.strictObject({ ...redeeming, ...presigning, DOWNLOAD_SECONDS });

export const streamEnvironment = z.strictObject({
  ...redeeming,
  QUOTA_TABLE: name,
  STREAM_CONCURRENCY: wholeNumber(1, 10_000),
});
