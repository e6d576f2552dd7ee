import { renewalsEnvironment } from '../../lambda/environment/renewals.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { PUBLIC_PREFIX } from '../constructs/file-store.ts';
import { counted, PERIOD } from '../constructs/metrics.ts';
import { WAITED_FOR } from '../function-size.ts';
import { fileSuppressions } from '../permissions/files.ts';
import { requestLink } from '../permissions/request-link.ts';
import { endSecondChances } from '../permissions/second-chance.ts';
import { generateMac } from '../permissions/statements.ts';
import { LEDGER_ENTRY, put, readHistory, readTokenAndReceipt } from '../permissions/tables.ts';
import { open } from '../route.ts';
import { requesting, secondChances, signing } from '../variables.ts';

const functions = {
  renewals: { ...WAITED_FOR, schema: renewalsEnvironment, milestones: { Links: ['RedemptionReported'] } },
} satisfies FunctionTable;

/** Mails a new link to the recipient of an ended one, and accepts reports that somebody else redeemed a link. */
export const renewals: Capability<typeof functions> = {
  name: 'renewals',
  functions,
  routes: [open('POST', '/redeem/renew', 'renewals'), open('POST', '/redeem/report', 'renewals')],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { config, keys, store } = parts;
    return {
      functions: {
        renewals: {
          environment: { ...requesting(parts), ...signing(parts), ...secondChances(parts) },
          permissions: [
            ...requestLink(parts),
            readTokenAndReceipt(store),
            readHistory(store),
            // Holders can report redemptions of API links, too.
            put(store.ledger, LEDGER_ENTRY),
            generateMac(keys.signing),
            ...endSecondChances(parts),
          ],
          suppressions: fileSuppressions([PUBLIC_PREFIX]),
        },
      },
      alarms: [
        {
          id: 'RedemptionReportedAlarm',
          metric: counted(config.stackName, 'renewals', 'RedemptionReported', { period: PERIOD }),
          threshold: 1,
          meaning: 'Somebody reported that a download was not theirs. Another person might have the file.',
          first: 'Find the token in the log of the renewals function, and read its receipt and history.',
        },
      ],
    };
  },
};
