/** One question to IAM: may this caller do this to that? */
export interface AccessRequest {
  readonly accessKeyId: string;
  /** As IAM spells it, such as `s3:GetObjectVersion`. */
  readonly action: string;
  /** The ARN the action is about, or `*`. */
  readonly resource: string;
  /** Milliseconds since the request was signed. */
  readonly signatureAgeMs: number;
  /** Condition keys as IAM spells them, such as `s3:signatureAge`; a key that does not apply is absent. */
  readonly conditions: Readonly<Record<string, string>>;
}

/** Decides as IAM would: identity and resource policies together. */
export type Authorize = (request: AccessRequest) => 'allow' | 'deny';

/** For a laptop without policies: whoever holds a key may do everything. */
export const allowAll: Authorize = () => 'allow';
