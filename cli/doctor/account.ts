/** What the stack is, and what belongs to it. */
export interface StackFacts {
  readonly status: string;
  /** From its tag. */
  readonly stage: string | undefined;
  /** Physical ids by their type, such as `AWS::KMS::Key`. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
  /** How far this machine's clock is ahead of AWS's, in seconds. */
  readonly clockAheadSeconds: number;
}

/** The SES account of the region. */
export interface SendingFacts {
  readonly sandbox: boolean;
  readonly enabled: boolean;
  /** `HEALTHY`, `PROBATION` or `SHUTDOWN`. */
  readonly enforcement: string;
  /** Mails in 24 hours; -1 for any number. */
  readonly quota: number;
  readonly sent: number;
}

/** An SES identity. */
export interface IdentityFacts {
  readonly name: string;
  readonly verified: boolean;
  /** `SUCCESS` when mails are signed. */
  readonly dkim: string;
  /** Whether bounces go to the sender's mailbox, the mail with its link in them. */
  readonly forwardsBounces: boolean;
}

export interface KeyFacts {
  /** `Enabled` when it can be used. */
  readonly state: string;
  readonly spec: string;
}

export interface TableFacts {
  readonly status: string;
  readonly protected: boolean;
  /** Left out where the service does not know it, as on the laptop. */
  readonly ttl?: string;
  readonly backups?: string;
}

export interface BucketFacts {
  readonly blocked: boolean;
  readonly versioned: boolean;
  readonly encryption: string;
}

export interface QueueFacts {
  /** Messages that wait, and that are being worked on. */
  readonly messages: number;
}

export interface AlarmFacts {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  /** Whether anybody is told. */
  readonly tells: boolean;
}

export interface LogGroupFacts {
  readonly name: string;
  /** `undefined`: for ever. */
  readonly retentionDays: number | undefined;
}

export interface FunctionFacts {
  readonly state: string;
  readonly lastUpdate: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The Lambda concurrency of the account and region. */
export interface ConcurrencyFacts {
  readonly limit: number;
  /** The part that no function has reserved. */
  readonly unreserved: number;
}

/** An alarm whose last notification failed. */
export interface FailedAction {
  readonly alarm: string;
  readonly reason: string;
}

/** A statement of the policy of a function. */
export interface StatementFacts {
  readonly effect: 'Allow' | 'Deny';
  /** `*`, a service, or accounts, users and roles; none where the statement names who is not meant. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly conditions: readonly ConditionFacts[];
}

export interface ConditionFacts {
  /** Such as `ArnLike`. */
  readonly operator: string;
  /** In lower case, since IAM takes any. */
  readonly key: string;
  readonly values: readonly string[];
}

/** A deployment as AWS shows it to whoever may only look. */
export interface Account {
  stack(): Promise<StackFacts>;
  sending(): Promise<SendingFacts>;
  /** `undefined` when SES does not know it. */
  identity(name: string): Promise<IdentityFacts | undefined>;
  key(id: string): Promise<KeyFacts>;
  table(name: string): Promise<TableFacts>;
  bucket(name: string): Promise<BucketFacts>;
  queue(url: string): Promise<QueueFacts>;
  alarms(names: readonly string[]): Promise<readonly AlarmFacts[]>;
  /** `undefined` when there is none. */
  logGroup(name: string): Promise<LogGroupFacts | undefined>;
  function(name: string): Promise<FunctionFacts>;
  /** The ARN of the role with which API Gateway writes logs; `undefined` when none is set. */
  apiLogRole(): Promise<string | undefined>;
  concurrency(): Promise<ConcurrencyFacts>;
  failedActions(alarms: readonly string[]): Promise<readonly FailedAction[]>;
  /** Counts the events that these rules failed to deliver in the last 14 days. */
  lostEvents(rules: readonly string[]): Promise<number>;
  /** Its resource-based policy; empty when it has none. */
  functionPolicy(name: string): Promise<readonly StatementFacts[]>;
}
