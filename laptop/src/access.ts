/** A request for an authorization decision: is this caller allowed to perform this action on this resource? */
export interface AccessRequest {
  /**
   * The caller's access key ID, or the service principal of a service that calls on its own behalf, such as
   * `events.amazonaws.com`.
   */
  readonly accessKeyId: string;
  /** The action's name in IAM, such as `s3:GetObjectVersion`. */
  readonly action: string;
  /** The ARN of the resource, or `*`. */
  readonly resource: string;
  /** Milliseconds since the request was signed. */
  readonly signatureAgeMs: number;
  /** Values by condition key, such as `s3:signatureAge`. Keys that do not apply are absent. */
  readonly conditions: Conditions;
}

/** Values by condition key. Some keys, such as `ses:Recipients`, have several values. */
export type Conditions = Readonly<Record<string, string | readonly string[]>>;

export type Decision = { readonly allowed: true } | Denial;

/** A denied call and the reason for the denial. A service might have made the call on the caller's behalf. */
export interface Denial {
  readonly allowed: false;
  /** The name of the user, function, or service that made the call. */
  readonly name: string;
  /** The caller's ARN, or a service principal. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  /** The reason in IAM's wording, such as `because no identity-based policy allows the s3:GetObject action`. */
  readonly reason: string;
}

/** Decides whether identity and resource policies allow a call, as IAM does. */
export type Authorize = (request: AccessRequest) => Decision | Promise<Decision>;

export const ALLOWED: Decision = { allowed: true };

/** Allows every call with a valid signature. S3 and KMS use it by default, so that tests need no policies. */
export const allowAll: Authorize = () => ALLOWED;

/**
 * Formats a denial as most services do.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const denialMessage = ({ caller, action, resource, reason }: Denial): string =>
  `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
