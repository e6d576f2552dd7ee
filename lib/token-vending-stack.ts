import { Annotations, Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { brandOf } from './brand.ts';
import { mail } from './capabilities/mail.ts';
import { deployedWith, type FunctionName } from './capabilities.ts';
import type {
  AnyCapability,
  DeployedFunction,
  Deployment,
  FunctionFacts,
  FunctionTable,
  Parts,
} from './capability.ts';
import type { Config } from './config.ts';
import { alarmTopics } from './constructs/alarm-topic.ts';
import { Alarms } from './constructs/alarms.ts';
import { Api, STAGE_NAME } from './constructs/api.ts';
import { Bundles } from './constructs/bundle.ts';
import { commonAlarms } from './constructs/common-alarms.ts';
import { ConsumedQueue } from './constructs/consumed-queue.ts';
import { OperationsDashboard } from './constructs/dashboard.ts';
import { addDownloadDomain } from './constructs/download-domain.ts';
import { FileStore } from './constructs/file-store.ts';
import { KeyGuard } from './constructs/key-guard.ts';
import { Keys } from './constructs/keys.ts';
import { MailSender } from './constructs/mail-sender.ts';
import type { Functions } from './constructs/metrics.ts';
import { PrivateNetwork } from './constructs/network/private-network.ts';
import { Quarantine } from './constructs/quarantine.ts';
import { TokenStore } from './constructs/token-store.ts';
import { UploadStore } from './constructs/upload-store.ts';
import { VendingFunction } from './constructs/vending-function.ts';
import { addOutputs, commonOutputs } from './outputs.ts';
import { tagsOf } from './tags.ts';

export interface TokenVendingStackProps {
  readonly config: Config;
  readonly bundleFolder?: string | undefined;
}

/** The input for the alarms and the dashboard. */
interface Deployed {
  readonly capabilities: readonly AnyCapability[];
  readonly deployments: readonly Pick<Deployment<unknown>, 'alarms' | 'graphs' | 'eventRules'>[];
  readonly functions: Functions;
}

/** The shared input for creating functions. */
interface Making {
  readonly parts: Parts;
  readonly bundles: Bundles;
  readonly network: PrivateNetwork | undefined;
}

/** The whole machine: what capabilities share, and then each capability. */
export class TokenVendingStack extends Stack {
  constructor(scope: Construct, id: string, { config, bundleFolder }: TokenVendingStackProps) {
    super(scope, id, {
      stackName: config.stackName,
      description: 'Token-vending machine for files: one link, redeemed exactly once',
      tags: tagsOf(config),
      terminationProtection: config.stage === 'prod',
    });
    const { stage, events } = config;
    const { capabilities, functionNames, routes } = deployedWith(config);

    const keys = new Keys(this, 'Keys', { stage });
    const store = new TokenStore(this, 'TokenStore', { stage, key: keys.data, events });
    const uploads =
      config.uploads === 'on'
        ? new UploadStore(this, 'UploadStore', { stage, key: keys.data, events })
        : undefined;
    const files = new FileStore(this, 'FileStore', { key: keys.data, config });
    const quarantine = new Quarantine(this, 'Quarantine', { bucket: files.bucket });
    addDownloadDomain(this, files.bucket, config);
    const queue = new ConsumedQueue(this, 'MailQueue', {
      name: 'Mail',
      key: keys.data,
      consumerTimeoutSeconds: mail.functions.mail.timeoutSeconds,
    });
    const sender = new MailSender(this, 'MailSender', { config });
    const network =
      config.network === 'private'
        ? new PrivateNetwork(this, 'Network', { config, stageName: STAGE_NAME })
        : undefined;
    const api = new Api(this, 'Api', { config, routes, endpointIds: network?.apiEndpointIds });
    const parts: Parts = { config, keys, store, uploads, files, quarantine, mail: queue, sender, api };

    const bundles = new Bundles(functionNames, brandOf(config), bundleFolder);
    const making = { parts, bundles, network };
    const deployments = capabilities.map((one: AnyCapability) => this.#deploy(one, making));
    quarantine.close();
    const created = deployments.flatMap(({ functions }) => Object.entries(functions));
    const functions = Object.fromEntries(created) as Record<FunctionName, IFunction>;
    api.route(functions);
    this.#watch(parts, { capabilities, deployments, functions });
    const tables = [...store.all, ...(uploads?.all ?? [])];
    addOutputs(this, [
      ...commonOutputs(parts, functions),
      ...(network?.close({ bucket: files.bucket, tables }) ?? []),
      ...deployments.flatMap(({ outputs = [] }) => outputs),
    ]);
  }

  /** Creates a capability's resources and its functions, and connects them. */
  #deploy<Name extends string>(
    capability: AnyCapability<Record<Name, FunctionFacts>, Record<Name, DeployedFunction>>,
    { parts, bundles, network }: Making,
  ) {
    const deployment = capability.deploy(parts, this);
    const names = Object.keys(capability.functions) as Name[];
    const created = names.map((name) => {
      const facts = capability.functions[name];
      const deployed = deployment.functions[name];
      return [
        name,
        new VendingFunction(this, name, { name, facts, deployed, bundles, network, config: parts.config }),
      ] as const;
    });
    const roles = created.map(([name, { role }]) => [name, role]);
    deployment.connect?.(Object.fromEntries(roles) as Record<Name, IRole>);
    const functions = created.map(([name, one]) => [name, one.function]);
    return { ...deployment, functions: Object.fromEntries(functions) as Record<Name, IFunction> };
  }

  /**
   * Creates the alarms with their topics, the key guard, and the dashboard. Warns if nobody gets the alarms of `prod`.
   */
  #watch({ config, keys, api }: Parts, { capabilities, deployments, functions }: Deployed): void {
    const { stackName } = config;
    const topics = alarmTopics(this, keys.notice, config);
    const guards = topics.length > 0 ? [new KeyGuard(this, 'KeyGuard', { keys: keys.all, topics }).rule] : [];
    const eventRules = [...deployments.flatMap((one) => one.eventRules ?? []), ...guards];
    const alarms = [
      ...commonAlarms({ api, functions, eventRules, config }),
      ...deployments.flatMap((one) => one.alarms ?? []),
    ];
    new Alarms(this, 'Alarms', { rules: alarms, topics, stackName });
    const facts: FunctionTable = Object.fromEntries(
      capabilities.flatMap((one) => Object.entries<FunctionFacts>(one.functions)),
    );
    const graphs = deployments.flatMap((one) => one.graphs ?? []);
    new OperationsDashboard(this, 'Dashboard', { alarms, graphs, api, functions, facts, stackName });
    if (topics.length === 0 && config.stage === 'prod')
      Annotations.of(this).addWarningV2(
        'tvm:alarmEmail',
        'Nobody receives alarms. Set alarmEmail or alarmTopicArn.',
      );
  }
}
