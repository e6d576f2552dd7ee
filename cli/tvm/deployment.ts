import { z } from 'zod';

/** Where the parts of a deployment are. */
export const Deployment = z.object({
  /** Includes the stage, and has no slash at the end. */
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
});
export type Deployment = z.infer<typeof Deployment>;

type Names = Readonly<Record<keyof Deployment, string>>;

/** The outputs of the stack (lib/outputs.ts). */
export const OUTPUT_NAMES: Names = {
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
};

/** The members of the endpoints file of local mode (bin/local/stack.ts). */
export const ENDPOINT_NAMES: Names = {
  apiUrl: 'api',
  bucket: 'bucket',
  tokenTable: 'tokenTable',
  receiptTable: 'receiptTable',
  ledgerTable: 'ledgerTable',
  quotaTable: 'quotaTable',
  issueTable: 'issueTable',
  mailQueueUrl: 'mailQueue',
  deadLetterQueueUrl: 'deadLetterQueue',
  bounceQueueUrl: 'bounceQueue',
  bounceDeadLetterQueueUrl: 'bounceDeadLetterQueue',
  signingKeyId: 'signingKeyId',
  pseudonymKeyId: 'pseudonymKeyId',
  restApiId: 'restApiId',
  senderEmail: 'senderEmail',
};

/** A deployment, or the names of the values that are missing or invalid. */
export type ReadDeployment =
  | { readonly kind: 'found'; readonly deployment: Deployment }
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] };

/** Reads a deployment from named values. */
export function readDeployment(values: Readonly<Record<string, unknown>>, names: Names): ReadDeployment {
  const given = Object.fromEntries(
    Object.entries(names)
      .map(([part, name]) => [part, values[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const read = Deployment.safeParse(given);
  if (read.success) return { kind: 'found', deployment: read.data };
  const parts = new Set(read.error.issues.map(({ path }) => String(path[0])));
  return {
    kind: 'incomplete',
    missing: Object.entries(names)
      .filter(([part]) => parts.has(part))
      .map(([, name]) => name),
  };
}
