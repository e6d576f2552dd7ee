import { challengesEnvironment } from '../../lambda/environment/proof-of-work.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { WAITED_FOR } from '../function-size.ts';
import { generateMac } from '../permissions/statements.ts';
import { look, readEncrypted } from '../permissions/tables.ts';
import { open } from '../route.ts';
import { pseudonyms, trustedProxy } from '../variables.ts';

const functions = {
  // A request takes at most one key derivation and one read.
  challenges: { ...WAITED_FOR, timeoutSeconds: 12, schema: challengesEnvironment },
} satisfies FunctionTable;

/**
 * Gives browsers a puzzle to solve before they send the form, so that a flood of requests costs its sender computing
 * time.
 */
export const proofOfWork: Capability<typeof functions> = {
  name: 'proof-of-work',
  when: (config) => config.proofOfWork !== 'off',
  functions,
  routes: [open('GET', '/challenge', 'challenges')],
  deploy: (parts): DeploymentOf<typeof functions> => {
    const { config, keys, store } = parts;
    return {
      functions: {
        challenges: {
          environment: {
            ...pseudonyms(parts),
            ...trustedProxy(parts),
            PROOF_OF_WORK: config.proofOfWork === 'always' ? 'always' : 'auto',
            QUOTA_TABLE: store.quota.tableName,
            SOURCE_LIMIT_PER_HOUR: String(config.sourceLimitPerHour),
            FORM_MAIL_LIMIT_PER_DAY: String(config.formMailLimitPerDay),
            ALLOWED_ORIGINS: config.allowedOrigins.join(','),
          },
          permissions: [
            look(store, ['source-unproven/*', 'form-unproven']),
            readEncrypted(keys),
            generateMac(keys.pseudonym),
          ],
        },
      },
    };
  },
};
