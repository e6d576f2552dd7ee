import { parseEnvironment } from '../environment/parse.ts';
import { challengesEnvironment } from '../environment/proof-of-work.ts';
import { createChallengesHandler } from '../handlers/challenges.ts';
import { challenges, documentClient, pseudonyms, quota, systemClock, telemetry } from './systems.ts';

const environment = parseEnvironment(challengesEnvironment, process.env);
const measured = telemetry();

export const handler = createChallengesHandler({
  clock: systemClock,
  quota: quota(documentClient(), environment, measured),
  pseudonyms: pseudonyms(environment),
  challenges: challenges(environment),
  limits: {
    sourcePerHour: environment.SOURCE_LIMIT_PER_HOUR,
    formMailsPerDay: environment.FORM_MAIL_LIMIT_PER_DAY,
  },
  policy: environment.PROOF_OF_WORK,
  telemetry: measured,
  proxySecretSha256: environment.PROXY_SECRET_SHA256,
  allowedOrigins: environment.ALLOWED_ORIGINS,
});
