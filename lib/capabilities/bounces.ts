import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { bouncesEnvironment } from '../../lambda/environment/bounces.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { BounceQueue } from '../constructs/bounce-queue.ts';
import { waiting } from '../constructs/metrics.ts';
import { QUEUED } from '../function-size.ts';
import { consume } from '../permissions/queues.ts';
import { generateMac } from '../permissions/statements.ts';
import {
  endToken,
  LEDGER_ENTRY,
  REVOKED_RECEIPT,
  readHistory,
  readTokenAndReceipt,
  writeEncrypted,
} from '../permissions/tables.ts';
import { changeLink, changeUpload } from '../permissions/uploads.ts';
import { endings, optionalUploadLinkTables, pseudonyms, tables } from '../variables.ts';

const functions = {
  // Handling one bounce takes seven service calls, as many as a redemption.
  bounces: {
    ...QUEUED,
    schema: bouncesEnvironment,
    milestones: { 'E-mails': ['MailBounced', 'MailComplained'] },
  },
} satisfies FunctionTable;

/** Half the rates at which SES reviews an account: 5% for bounces and 0.1% for complaints (Amazon SES FAQs). */
const BOUNCE_RATE = 0.025;
const COMPLAINT_RATE = 0.0005;

/** Records bounces and complaints, and revokes the links in e-mails that bounced. */
export const bounces: Capability<typeof functions> = {
  name: 'bounces',
  functions,
  routes: [],
  deploy: (parts, stack): DeploymentOf<typeof functions> => {
    const { keys, store, sender } = parts;
    const feedback = new BounceQueue(stack, 'BounceQueue', {
      key: keys.notice,
      sentUnder: sender.configurationSet,
      consumerTimeoutSeconds: functions.bounces.timeoutSeconds,
    });
    return {
      functions: {
        bounces: {
          environment: {
            ...tables(parts),
            ...endings(parts),
            ...pseudonyms(parts),
            ...optionalUploadLinkTables(parts),
          },
          permissions: [
            ...consume(feedback.queue, keys.notice),
            readTokenAndReceipt(store),
            ...endToken(store, REVOKED_RECEIPT, [...LEDGER_ENTRY, 'redemptionId', 'bounce']),
            readHistory(store),
            // If an invitation bounces, its link is revoked and its unfinished uploads are cancelled.
            ...(parts.uploads ? [...changeLink(parts.uploads), ...changeUpload(parts.uploads)] : []),
            writeEncrypted(keys),
            generateMac(keys.pseudonym),
          ],
          trigger: feedback,
        },
      },
      eventRules: [feedback.rule],
      alarms: [
        {
          id: 'BounceDeadLetterAlarm',
          metric: waiting(feedback.deadLetters),
          threshold: 1,
          meaning:
            'Bounces or complaints could not be recorded, and tokens in bounced e-mails might still be live.',
          first:
            'Read the faults in the log of the bounces function, fix their cause, and redrive the queue.',
        },
        {
          id: 'BounceRateAlarm',
          metric: reputation('Reputation.BounceRate'),
          threshold: BOUNCE_RATE,
          meaning: 'One in forty e-mails from this account bounces. SES reviews accounts at one in twenty.',
          first: 'Find out from the ledger who requests e-mails that bounce, and restrict allowedRecipients.',
        },
        {
          id: 'ComplaintRateAlarm',
          metric: reputation('Reputation.ComplaintRate'),
          threshold: COMPLAINT_RATE,
          meaning:
            'One in two thousand e-mails from this account is reported as spam. SES reviews accounts at one in a thousand.',
          first:
            'Check the ledger to see whether somebody requests e-mails for others. If so, restrict allowedRecipients.',
        },
      ],
      outputs: [
        {
          name: 'BounceQueueUrl',
          value: feedback.queue.queueUrl,
          description: 'Bounces and complaints to record',
        },
        {
          name: 'BounceDeadLetterQueueUrl',
          value: feedback.deadLetters.queueUrl,
          description: 'Bounces and complaints that could not be recorded',
        },
      ],
    };
  },
};

/** Returns a rate of the whole account, including mail from other programs, because SES reviews accounts as a whole. */
const reputation = (metricName: string) =>
  new Metric({ namespace: 'AWS/SES', metricName, period: Duration.hours(1), statistic: Stats.MAXIMUM });
