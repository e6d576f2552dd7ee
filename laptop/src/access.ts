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
  readonly conditions: Conditions;
}

/** Values of condition keys; some have several, such as `ses:Recipients`. */
export type Conditions = Readonly<Record<string, string | readonly string[]>>;

/** What IAM answers. */
export type Decision = { readonly allowed: true } | Denial;

/** Who may not do what, and why. The call may be one that a service makes in the caller's name. */
export interface Denial {
  readonly allowed: false;
  /** The user's or the function's name. */
  readonly name: string;
  /** The caller's ARN. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  /** In IAM's words, such as `because no identity-based policy allows the s3:GetObject action`. */
  readonly reason: string;
}

/** Decides as IAM would: identity and resource policies together. */
export type Authorize = (request: AccessRequest) => Decision | Promise<Decision>;

export const ALLOWED: Decision = { allowed: true };

/** For a laptop without policies: whoever holds a key may do everything. */
export const allowAll: Authorize = () => ALLOWED;

/**
 * Words a denial as most services do.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const denialMessage = ({ caller, action, resource, reason }: Denial): string =>
  `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
