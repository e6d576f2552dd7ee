import { mintEnvironment } from '../../lambda/environment/public-form.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { PUBLIC_PREFIX } from '../constructs/file-store.ts';
import { fullest, NEAR_LIMIT } from '../constructs/metrics.ts';
import { WAITED_FOR } from '../function-size.ts';
import { fileSuppressions } from '../permissions/files.ts';
import { requestLink } from '../permissions/request-link.ts';
import { open } from '../route.ts';
import { proofPolicy, requesting } from '../variables.ts';

const functions = {
  mint: { ...WAITED_FOR, schema: mintEnvironment, milestones: { Links: ['LinkRequested'] } },
} satisfies FunctionTable;

/** The functions whose requests count toward the form's limits. */
const COUNTING = ['mint', 'renewals'];

/** Mails a link for a public file to anyone who requests one. */
export const publicForm: Capability<typeof functions> = {
  name: 'public-form',
  functions,
  routes: [open('POST', '/token', 'mint'), open('OPTIONS', '/token', 'mint')],
  deploy: (parts): DeploymentOf<typeof functions> => ({
    functions: {
      mint: {
        environment: {
          ...requesting(parts),
          ...proofPolicy(parts),
          ALLOWED_DOMAINS: parts.config.allowedDomains.join(','),
          ALLOWED_ORIGINS: parts.config.allowedOrigins.join(','),
        },
        permissions: requestLink(parts),
        suppressions: fileSuppressions([PUBLIC_PREFIX]),
      },
    },
    alarms: [
      {
        id: 'FormMailLimitAlarm',
        metric: fullest(parts.config, 'FormMails', COUNTING),
        threshold: NEAR_LIMIT,
        meaning: 'The form has used four fifths of its daily mail limit. At the limit, it returns 503.',
        first:
          'Check the ledger to see whether the requests are genuine. If they are, raise formMailLimitPerDay, but stay within the SES quota.',
      },
      {
        id: 'UnsentRequestAlarm',
        metric: fullest(parts.config, 'UnsentRequests', COUNTING),
        threshold: NEAR_LIMIT,
        meaning:
          'Many requests result in no e-mail because they are repeated or their addresses are not allowed to receive files.',
        first:
          'Check RequestVolumeAlarm and the refused entries in the ledger, and block the source with a web ACL.',
      },
    ],
  }),
};
