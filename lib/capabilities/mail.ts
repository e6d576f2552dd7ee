import { type Acknowledgment, Aws } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Condition, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { mailEnvironment } from '../../lambda/environment/mail.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import type { MailSender } from '../constructs/mail-sender.ts';
import { PERIOD, waiting } from '../constructs/metrics.ts';
import type { UploadStore } from '../constructs/upload-store.ts';
import { QUEUED } from '../function-size.ts';
import { consume } from '../permissions/queues.ts';
import { allow, generateMac } from '../permissions/statements.ts';
import {
  count,
  LEDGER_ENTRY,
  PROGRAM_COUNTERS,
  put,
  readHistory,
  readTokenAndReceipt,
  writeEncrypted,
} from '../permissions/tables.ts';
import { noteLink, readLink, readLinkHistory, readUpload } from '../permissions/uploads.ts';
import {
  optionalUploadLinkTables,
  programLimits,
  receipts,
  recipients,
  signing,
  tables,
} from '../variables.ts';

const functions = {
  // One e-mail takes a few reads, a signature, a call to SES, and a ledger entry. The visibility timeouts of its five
  // attempts must fit into 15 minutes, the default lifetime of a link.
  mail: { ...QUEUED, schema: mailEnvironment, milestones: { 'E-mails': ['MailSent', 'MailRefused'] } },
} satisfies FunctionTable;

/** Age at which an e-mail is late: a third of a link's default lifetime. */
const LATE_SECONDS = 300;

/** Sends the e-mails that other capabilities queue. */
export const mail: Capability<typeof functions> = {
  name: 'mail',
  functions,
  routes: [],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { keys, store, sender, config } = parts;
    const { queue, deadLetters } = parts.mail;
    const oldest = queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM });
    return {
      functions: {
        mail: {
          environment: {
            ...tables(parts),
            ...receipts(parts),
            ...signing(parts),
            ...programLimits(parts),
            ...recipients(parts),
            ...optionalUploadLinkTables(parts),
            QUOTA_TABLE: store.quota.tableName,
            PUBLIC_ORIGIN: parts.api.origin,
            SENDER_EMAIL: sender.address,
            CONFIGURATION_SET: sender.configurationSet.configurationSetName,
          },
          permissions: [
            ...consume(queue, keys.data),
            readTokenAndReceipt(store),
            readHistory(store),
            // The function records its e-mails in the ledger. It has no permission to put token records, because it can
            // sign, and with both permissions it could make valid links.
            put(store.ledger, [...LEDGER_ENTRY, 'reason']),
            ...(parts.uploads ? aboutLinks(parts.uploads) : []),
            ...count(store, PROGRAM_COUNTERS),
            writeEncrypted(keys),
            generateMac(keys.signing),
            ...sendMailAs(sender, config.allowedRecipients),
          ],
          suppressions: [IDENTITIES],
          trigger: parts.mail,
        },
      },
      alarms: [
        {
          id: 'DeadLetterAlarm',
          metric: waiting(deadLetters),
          threshold: 1,
          meaning: 'E-mails could not be sent. Their messages are in the dead-letter queue.',
          first: 'Read the faults in the log of the mail function, fix their cause, and redrive the queue.',
        },
        {
          id: 'LateMailAlarm',
          metric: oldest,
          threshold: LATE_SECONDS,
          meaning: 'An e-mail has waited for five minutes, so the queue is not being emptied.',
          first: 'Check whether SES has paused the account or its daily quota is used up.',
        },
      ],
      graphs: [{ title: 'Seconds that the oldest e-mail has waited', metrics: [oldest] }],
      outputs: [
        { name: 'MailQueueUrl', value: queue.queueUrl, description: 'E-mails to send' },
        {
          name: 'DeadLetterQueueUrl',
          value: deadLetters.queueUrl,
          description: 'E-mails that could not be sent',
        },
      ],
    };
  },
};

/** Allows reading the content of e-mails about upload links, and recording that they were sent. */
const aboutLinks = (uploads: UploadStore) => [
  readLink(uploads),
  readLinkHistory(uploads),
  noteLink(uploads),
  readUpload(uploads),
];

const IDENTITIES: Acknowledgment = {
  id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
  reason:
    "In the SES sandbox, sending also requires permission on the recipients' identities. The sender is limited by a condition.",
};

/**
 * Allows mail from one sender address, under one configuration set, only to the recipients that the operator allows. A
 * condition pins the sender's address. The resource cannot pin the identity, because in the SES sandbox the permission
 * is also required on the recipient's identity.
 */
function sendMailAs(
  { address, configurationSetArn }: MailSender,
  allowedRecipients: readonly string[],
): readonly PolicyStatement[] {
  const identities = `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}:identity/*`;
  const send = (recipients?: Record<string, Condition>) =>
    allow(['ses:SendEmail'], [identities, configurationSetArn], {
      StringEquals: { 'ses:FromAddress': address },
      // `ForAllValues` also holds if there are no recipients at all, so at least one is required.
      ...(recipients && { ...recipients, Null: { 'ses:Recipients': 'false' } }),
    });
  if (allowedRecipients.length === 0) return [send()];
  const addresses = allowedRecipients.filter((each) => each.includes('@'));
  const domains = allowedRecipients.filter((each) => !each.includes('@'));
  // All conditions of a statement must hold, so addresses and domains need separate statements.
  return [
    ...(addresses.length > 0
      ? [send({ 'ForAllValues:StringEqualsIgnoreCase': { 'ses:Recipients': addresses } })]
      : []),
    ...(domains.length > 0
      ? [
          send({
            'ForAllValues:StringLike': {
              'ses:Recipients': domains.flatMap((each) => [`*@${each}`, `*@*.${each}`]),
            },
          }),
        ]
      : []),
  ];
}
