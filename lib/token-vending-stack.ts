import { Annotations, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionName } from '../lambda/environment.ts';
import type { Config } from './config.ts';
import { type AlarmSources, alarmRules } from './constructs/alarm-rules.ts';
import { alarmTopics } from './constructs/alarm-topic.ts';
import { Alarms } from './constructs/alarms.ts';
import { Api } from './constructs/api.ts';
import { BounceQueue } from './constructs/bounce-queue.ts';
import { OperationsDashboard } from './constructs/dashboard.ts';
import { FileStore } from './constructs/file-store.ts';
import { KeyGuard } from './constructs/key-guard.ts';
import { Keys } from './constructs/keys.ts';
import { MailQueue } from './constructs/mail-queue.ts';
import { MailSender } from './constructs/mail-sender.ts';
import { TokenStore } from './constructs/token-store.ts';
import { VendingFunction } from './constructs/vending-function.ts';
import { environmentsOf, type Parts } from './environments.ts';
import { addOutputs } from './outputs.ts';
import { rightsOf } from './rights.ts';
import { tagsOf } from './tags.ts';

export interface TokenVendingStackProps {
  readonly config: Config;
}

/** Defines the whole machine: what exists, what each function knows and may do, and what leads where. */
export class TokenVendingStack extends Stack {
  constructor(scope: Construct, id: string, { config }: TokenVendingStackProps) {
    super(scope, id, {
      stackName: config.stackName,
      description: 'Token-vending machine for files: one link, redeemed exactly once',
      tags: tagsOf(config),
      terminationProtection: config.stage === 'prod',
    });
    const { stage } = config;

    const keys = new Keys(this, 'Keys', { stage });
    const store = new TokenStore(this, 'TokenStore', { stage, key: keys.data });
    const files = new FileStore(this, 'FileStore', { key: keys.data, config });
    const mail = new MailQueue(this, 'MailQueue', { key: keys.data });
    const sender = new MailSender(this, 'MailSender', { config });
    const feedback = new BounceQueue(this, 'BounceQueue', {
      key: keys.notice,
      sentUnder: sender.configurationSet,
    });
    const api = new Api(this, 'Api', { config });
    const parts: Parts = { config, keys, store, files, mail, feedback, sender, api };

    const environments = environmentsOf(parts);
    const rights = rightsOf(parts);
    const vend = <Name extends FunctionName>(name: Name): IFunction =>
      new VendingFunction(this, name, {
        name,
        environment: environments[name],
        rights: rights[name],
        config,
      }).function;

    const functions = {
      mint: vend('mint'),
      mail: vend('mail'),
      pages: vend('pages'),
      redeem: vend('redeem'),
      stream: vend('stream'),
      links: vend('links'),
      renewals: vend('renewals'),
      bounces: vend('bounces'),
    } satisfies Record<FunctionName, IFunction>;

    mail.invoke(functions.mail);
    feedback.invoke(functions.bounces);
    api.route(functions);
    this.#watch({ api, mail, feedback, functions, config }, keys, config);
    addOutputs(this, parts, functions);
  }

  /** Sends alarms to the addresses that the options name, and shows on a dashboard what goes wrong. */
  #watch(parts: Omit<AlarmSources, 'deliveries'>, keys: Keys, config: Config): void {
    const topics = alarmTopics(this, keys.notice, config);
    const guards = topics.length > 0 ? [new KeyGuard(this, 'KeyGuard', { keys: keys.all, topics }).rule] : [];
    const sources: AlarmSources = { ...parts, deliveries: [parts.feedback.rule, ...guards] };
    const rules = alarmRules(sources);
    new Alarms(this, 'Alarms', { rules, topics, stackName: config.stackName });
    new OperationsDashboard(this, 'Dashboard', { ...sources, rules });
    if (topics.length === 0 && config.stage === 'prod')
      Annotations.of(this).addWarningV2(
        'tvm:alarmEmail',
        'Alarms tell nobody. Set alarmEmail or alarmTopicArn.',
      );
  }
}
