/** The state of the stack, and its resources. */
export interface StackFacts {
  readonly status: string;
  /** The value of the stack's stage tag. */
  readonly stage: string | undefined;
  /** Physical IDs by type, such as `AWS::KMS::Key`. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
  /** How many seconds this computer's clock is ahead of AWS. */
  readonly clockAheadSeconds: number;
}

/** The state of SES in the region. */
export interface SendingFacts {
  readonly sandbox: boolean;
  readonly enabled: boolean;
  /** `HEALTHY`, `PROBATION`, or `SHUTDOWN`. */
  readonly enforcement: string;
  /** Maximum number of e-mails in 24 hours; -1 if unlimited. */
  readonly quota: number;
  readonly sent: number;
}

export interface IdentityFacts {
  readonly name: string;
  readonly verified: boolean;
  /** `SUCCESS` if e-mails are signed. */
  readonly dkim: string;
  /** Whether SES forwards bounced e-mails, with their links, to the sender's mailbox. */
  readonly forwardsBounces: boolean;
}

export interface KeyFacts {
  /** `Enabled` if the key can be used. */
  readonly state: string;
  readonly spec: string;
}

export interface TableFacts {
  readonly status: string;
  readonly protected: boolean;
  /** Absent in local mode, like `backups`. */
  readonly ttl?: string;
  readonly backups?: string;
}

export interface BucketFacts {
  readonly blocked: boolean;
  readonly versioned: boolean;
  readonly encryption: string;
}

export interface QueueFacts {
  /** The number of waiting and in-flight messages. */
  readonly messages: number;
}

export interface AlarmFacts {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly notifies: boolean;
}

/** A GuardDuty malware protection plan. */
export interface ScannerFacts {
  /** `ACTIVE`, `WARNING`, or `ERROR`. */
  readonly status: string;
  /** Whether GuardDuty tags the objects that it scans. */
  readonly tags: boolean;
  /** GuardDuty's reason codes, if the plan is not active. */
  readonly reasons: readonly string[];
}

export interface LogGroupFacts {
  readonly name: string;
  /** `undefined` if logs are kept forever. */
  readonly retentionDays: number | undefined;
}

export interface FunctionFacts {
  readonly state: string;
  readonly lastUpdate: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The Lambda concurrency in the account and region. */
export interface ConcurrencyFacts {
  readonly limit: number;
  /** The part of the limit that no function has reserved. */
  readonly unreserved: number;
}

/** An alarm whose last notification failed. */
export interface FailedAction {
  readonly alarm: string;
  readonly reason: string;
}

export interface EndpointFacts {
  readonly id: string;
  /** The service's name, such as `com.amazonaws.eu-west-1.kms`. */
  readonly service: string;
  /** `available` if it can be used. */
  readonly state: string;
  readonly type: string;
  /** Whether the service's DNS names resolve to this endpoint inside the VPC. */
  readonly privateDns: boolean;
  readonly statements: readonly StatementFacts[];
}

/** The API's endpoint types and resource policy. */
export interface ApiAccessFacts {
  /** `PRIVATE`, `REGIONAL`, or `EDGE`. */
  readonly types: readonly string[];
  readonly statements: readonly StatementFacts[];
}

/** A statement in the policy of a function, an endpoint, or an API. */
export interface StatementFacts {
  readonly effect: 'Allow' | 'Deny';
  /** Each is `*`, a service, an account, a user, or a role. Empty if the statement has `NotPrincipal`. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly conditions: readonly ConditionFacts[];
}

export interface ConditionFacts {
  /** A condition operator, such as `ArnLike`. */
  readonly operator: string;
  /** The condition key in lower case, because IAM ignores case. */
  readonly key: string;
  readonly values: readonly string[];
}

/** Reads the state of a deployment, and changes nothing. */
export interface Account {
  stack(): Promise<StackFacts>;
  sending(): Promise<SendingFacts>;
  /** Returns `undefined` if the identity does not exist in SES. */
  identity(name: string): Promise<IdentityFacts | undefined>;
  key(id: string): Promise<KeyFacts>;
  table(name: string): Promise<TableFacts>;
  bucket(name: string): Promise<BucketFacts>;
  queue(url: string): Promise<QueueFacts>;
  scanner(planId: string): Promise<ScannerFacts>;
  alarms(names: readonly string[]): Promise<readonly AlarmFacts[]>;
  /** Returns `undefined` if the log group does not exist. */
  logGroup(name: string): Promise<LogGroupFacts | undefined>;
  function(name: string): Promise<FunctionFacts>;
  /** Returns the ARN of the role that API Gateway writes logs with, or `undefined` if none is set. */
  apiLogRole(): Promise<string | undefined>;
  concurrency(): Promise<ConcurrencyFacts>;
  failedActions(alarms: readonly string[]): Promise<readonly FailedAction[]>;
  /** Returns the number of events that EventBridge failed to deliver for these rules in the last 14 days. */
  lostEvents(rules: readonly string[]): Promise<number>;
  functionPolicy(name: string): Promise<readonly StatementFacts[]>;
  apiAccess(restApiId: string): Promise<ApiAccessFacts>;
  endpoints(ids: readonly string[]): Promise<readonly EndpointFacts[]>;
}
