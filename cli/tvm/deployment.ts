import { z } from 'zod';

/** The URLs, names, and IDs of a deployment's resources. */
export const Deployment = z.object({
  /** Includes the stage, and has no trailing slash. */
  apiUrl: z.url(),
  bucket: z.string().min(1),
  tokenTable: z.string().min(1),
  receiptTable: z.string().min(1),
  ledgerTable: z.string().min(1),
  quotaTable: z.string().min(1),
  issueTable: z.string().min(1),
  mailQueueUrl: z.url(),
  deadLetterQueueUrl: z.url(),
  bounceQueueUrl: z.url(),
  bounceDeadLetterQueueUrl: z.url(),
  signingKeyId: z.string().min(1),
  pseudonymKeyId: z.string().min(1),
  restApiId: z.string().min(1),
  senderEmail: z.string().min(1),
  // Absent if the stack does not accept uploads.
  uploadTable: z.string().exactOptional(),
  uploadHistoryTable: z.string().exactOptional(),
  uploadLinkTable: z.string().exactOptional(),
  verdictQueueUrl: z.url().exactOptional(),
  verdictDeadLetterQueueUrl: z.url().exactOptional(),
  scannerNoticeQueueUrl: z.url().exactOptional(),
  // IDs, separated by commas. Absent outside a private network.
  apiEndpointIds: z.string().exactOptional(),
  endpointIds: z.string().exactOptional(),
});
export type Deployment = z.infer<typeof Deployment>;

/** The outputs of every stack (lib/outputs.ts). The endpoints file of local mode uses the names on the left. */
export const COMMON_OUTPUTS = {
  apiUrl: 'ApiUrl',
  bucket: 'BucketName',
  tokenTable: 'TokenTableName',
  receiptTable: 'ReceiptTableName',
  ledgerTable: 'LedgerTableName',
  quotaTable: 'QuotaTableName',
  issueTable: 'IssueTableName',
  mailQueueUrl: 'MailQueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  bounceQueueUrl: 'BounceQueueUrl',
  bounceDeadLetterQueueUrl: 'BounceDeadLetterQueueUrl',
  signingKeyId: 'SigningKeyId',
  pseudonymKeyId: 'PseudonymKeyId',
  restApiId: 'RestApiId',
  senderEmail: 'SenderEmail',
} as const;

/** The outputs of a stack that accepts uploads. */
export const UPLOAD_OUTPUTS = {
  uploadTable: 'UploadTableName',
  uploadHistoryTable: 'UploadHistoryTableName',
  uploadLinkTable: 'UploadLinkTableName',
  verdictQueueUrl: 'VerdictQueueUrl',
  verdictDeadLetterQueueUrl: 'VerdictDeadLetterQueueUrl',
  scannerNoticeQueueUrl: 'ScannerNoticeQueueUrl',
} as const;

/** The outputs of a stack in a private network. */
const NETWORK_OUTPUTS = { apiEndpointIds: 'ApiEndpointIds', endpointIds: 'EndpointIds' } as const;

export const OUTPUT_NAMES: Readonly<Record<keyof Deployment, string>> = {
  ...COMMON_OUTPUTS,
  ...UPLOAD_OUTPUTS,
  ...NETWORK_OUTPUTS,
};

/** A deployment, or the names of the outputs that are missing or invalid. */
export type ReadDeployment =
  | { readonly kind: 'found'; readonly deployment: Deployment }
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] };

/** Reads a deployment from a stack's outputs. */
export function readDeployment(outputs: Readonly<Record<string, unknown>>): ReadDeployment {
  const given = Object.fromEntries(
    Object.entries(OUTPUT_NAMES)
      .map(([part, name]) => [part, outputs[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const read = Deployment.safeParse(given);
  if (read.success) return { kind: 'found', deployment: read.data };
  const parts = new Set(read.error.issues.map(({ path }) => String(path[0])));
  return {
    kind: 'incomplete',
    missing: Object.entries(OUTPUT_NAMES)
      .filter(([part]) => parts.has(part))
      .map(([, name]) => name),
  };
}
