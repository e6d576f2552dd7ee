/**
 * Sets the timeouts (milliseconds) and retries of every AWS client. A function must answer within API Gateway's 29 s,
 * whatever its services do. A redemption makes at most seven calls in sequence, each with at most two attempts of 1.5
 * s.
 */
export const clientSettings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1500, throwOnRequestTimeout: true },
} as const;

/**
 * Sets the timeouts for streaming a file. The timeouts above end when the response headers arrive. After that, a
 * connection without traffic for this long, because its reader is slow or S3 is gone, is given up and reopened
 * (resumed-body.ts).
 */
export const streamSettings = {
  ...clientSettings,
  requestHandler: { ...clientSettings.requestHandler, socketTimeout: 60_000 },
} as const;

/**
 * Sets the timeouts for sending mail. If SES sends a mail but its answer is lost, an SDK retry would send the mail
 * twice. So there is one long attempt, and then the queue's retry, which checks the record first.
 */
export const mailSettings = {
  maxAttempts: 1,
  requestHandler: { ...clientSettings.requestHandler, requestTimeout: 10_000 },
} as const;

/**
 * Sets the timeout for completing a multipart upload, which S3 may need minutes for. The answer is due in 29 s, so the
 * function gives up in time. S3 goes on, and a repetition of the request finds what it has done.
 */
export const completionSettings = { requestTimeout: 15_000 } as const;
