/**
 * Timeouts (in ms) and retries for all AWS clients. A function must respond within API Gateway's limit of 29 s, even if
 * services are slow. A redemption makes at most seven calls in sequence, each with at most two attempts of 1,500 ms.
 */
export const clientSettings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1500, throwOnRequestTimeout: true },
} as const;

/**
 * Timeouts for streaming a file. The timeouts above apply until the response headers arrive. After that, a connection
 * that is idle for `socketTimeout` is reopened (resumed-body.ts): the reader is slow, or S3 is unreachable.
 */
export const streamSettings = {
  ...clientSettings,
  requestHandler: { ...clientSettings.requestHandler, socketTimeout: 60_000 },
} as const;

/**
 * Timeouts for sending mail. If SES sent an e-mail but the response was lost, an SDK retry would send it again. So each
 * e-mail gets one long attempt. If it fails, the queue retries, and the retry checks the ledger first.
 */
export const mailSettings = {
  maxAttempts: 1,
  requestHandler: { ...clientSettings.requestHandler, requestTimeout: 10_000 },
} as const;

/**
 * Timeout for completing a multipart upload, which can take S3 minutes. The function must respond within 29 s, so it
 * gives up before that. S3 continues, and a repeated request finds the result.
 */
export const completionSettings = { requestTimeout: 15_000 } as const;
