/**
 * Timeouts (milliseconds) and retries of every AWS client. A function must answer within API Gateway's 29 s whatever
 * its services do: a redemption waits for at most seven calls in a row, each at most two attempts of 1.5 s.
 */
export const clientSettings = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1500, throwOnRequestTimeout: true },
} as const;

/**
 * For reading a file that is sent on. The timeouts above end with the head of the answer; after it, a connection on which
 * nothing moves for so long, since its reader is slow or S3 is gone, is given up and taken up anew (resumed-body.ts).
 */
export const streamSettings = {
  ...clientSettings,
  requestHandler: { ...clientSettings.requestHandler, socketTimeout: 60_000 },
} as const;

/**
 * A mail that was sent although its answer was lost would be sent twice by a retry: one patient attempt, and then the
 * queue's, which looks at the record first.
 */
export const mailSettings = {
  maxAttempts: 1,
  requestHandler: { ...clientSettings.requestHandler, requestTimeout: 10_000 },
} as const;
