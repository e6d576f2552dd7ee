import type { Acknowledgment, Stack } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type * as z from 'zod/mini';
import type { Config } from './config.ts';
import type { AlarmRule } from './constructs/alarms.ts';
import type { Api } from './constructs/api.ts';
import type { ConsumedQueue } from './constructs/consumed-queue.ts';
import type { FileStore } from './constructs/file-store.ts';
import type { Keys } from './constructs/keys.ts';
import type { MailSender } from './constructs/mail-sender.ts';
import type { Quarantine } from './constructs/quarantine.ts';
import type { TokenStore } from './constructs/token-store.ts';
import type { UploadStore } from './constructs/upload-store.ts';
import type { FunctionSize } from './function-size.ts';
import type { Route } from './route.ts';

/*
 * A capability is one thing that the machine can do. Its module in lib/capabilities/ defines all of it: functions with
 * their environments and permissions, routes, alarms, graphs, and outputs. The stack (lib/token-vending-stack.ts)
 * creates what capabilities share, and then each capability in the list (lib/capabilities.ts).
 */

/** Resources that capabilities share. */
export interface Parts {
  readonly config: Config;
  readonly keys: Keys;
  readonly store: TokenStore;
  /** `undefined` if the options turn uploads off. */
  readonly uploads: UploadStore | undefined;
  readonly files: FileStore;
  readonly quarantine: Quarantine;
  readonly mail: ConsumedQueue;
  readonly sender: MailSender;
  readonly api: Pick<Api<string>, 'rest' | 'url' | 'site' | 'origin' | 'throttled' | 'testInvoke'>;
}

/** A capability with these functions. A route to any other function does not compile. */
export type Capability<Functions extends FunctionTable> = AnyCapability<
  Functions,
  DeployedTable<Functions>,
  keyof Functions & string
>;

/** One deployment of these functions. An environment that does not match its schema does not compile. */
export type DeploymentOf<Functions extends FunctionTable> = Deployment<DeployedTable<Functions>>;

type DeployedTable<Functions extends FunctionTable> = {
  readonly [Name in keyof Functions]: DeployedFunction<Variables<z.input<Functions[Name]['schema']>>>;
};

/** Environment variables. Optional ones may be left out. */
type Variables<Input> = { readonly [Name in keyof Input]: Exclude<Input[Name], undefined> };

/** A capability with any functions. */
export interface AnyCapability<
  Functions extends FunctionTable = FunctionTable,
  Deployed = Readonly<Record<string, DeployedFunction>>,
  Name extends string = string,
> {
  readonly name: string;
  /** Whether a deployment has the capability. @default always */
  readonly when?: (config: Config) => boolean;
  readonly functions: Functions;
  readonly routes: readonly Route<Name>[];
  /** Creates the resources that only this capability uses, and describes its functions, alarms, graphs, and outputs. */
  readonly deploy: (parts: Parts, stack: Stack) => Deployment<Deployed>;
}

/** Functions by name. The entry in lambda/entry/, the metrics, and the output are named after the function. */
export type FunctionTable = Readonly<Record<string, FunctionFacts>>;

/** Properties of a function that are the same in every deployment. */
export interface FunctionFacts extends FunctionSize {
  /** The schema of the function's environment, from lambda/environment/. */
  readonly schema: z.ZodMiniObject;
  /** The milestones that the function counts, by the title of the dashboard graph that shows them. */
  readonly milestones?: Readonly<Record<string, readonly string[]>>;
}

/** A capability in one deployment. */
export interface Deployment<Deployed> {
  readonly functions: Deployed;
  readonly alarms?: readonly AlarmRule[];
  /** Graphs on the dashboard, in addition to those of milestones. */
  readonly graphs?: readonly Graph[];
  readonly outputs?: readonly Output[];
  /** EventBridge rules whose failed deliveries raise an alarm. */
  readonly eventRules?: readonly IRule[];
  /** Connects the capability's resources with its functions' roles, which are created later. */
  connect?(roles: { readonly [Name in keyof Deployed]: IRole }): void;
}

export interface DeployedFunction<Environment = Readonly<Record<string, string>>> {
  /** The variables of the function's schema, as strings. */
  readonly environment: Environment;
  /** All the function's permissions, except those for its own logs and traces and those for a private network. */
  readonly permissions: readonly PolicyStatement[];
  /** The reasons for the wildcards in the permissions. cdk-nag rejects all other wildcards. */
  readonly suppressions?: readonly Acknowledgment[];
  /** Replaces the usual memory if an option makes the function need more. */
  readonly memoryMb?: number;
  /** Files under lambda/ that are deployed with the function's bundle. TypeScript files become separate bundles. */
  readonly beside?: readonly string[];
  /** The queue, table streams, or schedule that invokes the function. */
  readonly trigger?: { readonly invoke: (target: IFunction) => void };
}

export interface Graph {
  readonly title: string;
  readonly metrics: readonly IMetric[];
}

export interface Output {
  /** The logical ID, by which scripts find the output. */
  readonly name: string;
  readonly value: string;
  readonly description: string;
}
