/**
 * Timeouts (milliseconds) and retries of every AWS client. A function must answer within API Gateway's 29 s, even if services are
 * slow. A redemption makes at most seven calls in sequence, each with at most two attempts of 1.5 s.
 */
export const clientSettings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1500, throwOnRequestTimeout: true },
} as const;

/**
 * Timeouts for streaming a file. The timeouts above apply until the response headers arrive. After that, a connection that is
 * idle for this long, because its reader is slow or S3 is unreachable, is closed and reopened (resumed-body.ts).
 */
export const streamSettings = {
  ...clientSettings,
  requestHandler: { ...clientSettings.requestHandler, socketTimeout: 60_000 },
} as const;

/**
 * Timeouts for sending mail. If SES sent a mail and its answer was lost, an SDK retry would send the mail twice. So there is one
 * long attempt, and then a retry by the queue, before which the ledger is checked.
 */
export const mailSettings = {
  maxAttempts: 1,
  requestHandler: { ...clientSettings.requestHandler, requestTimeout: 10_000 },
} as const;

/**
 * Timeout for completing a multipart upload, which can take S3 minutes. The answer is due in 29 s, so the function gives up in
 * time. S3 continues, and a repeated request finds the result.
 */
export const completionSettings = { requestTimeout: 15_000 } as const;
