import type { QuotaLimits } from '../domain/quota-rules.ts';
import type { Environment } from '../environment.ts';

/** The limits of a function's environment. */
export function quotaLimits(
  environment: Pick<
    Environment<'pages'>,
    | 'SOURCE_LIMIT_PER_HOUR'
    | 'SOURCE_MAIL_LIMIT_PER_DAY'
    | 'ADDRESS_LIMIT_PER_HOUR'
    | 'ADDRESS_COOLDOWN_SECONDS'
    | 'MAIL_LIMIT_PER_DAY'
  >,
): QuotaLimits {
  return {
    sourcePerHour: environment.SOURCE_LIMIT_PER_HOUR,
    sourceMailsPerDay: environment.SOURCE_MAIL_LIMIT_PER_DAY,
    addressPerHour: environment.ADDRESS_LIMIT_PER_HOUR,
    cooldownSeconds: environment.ADDRESS_COOLDOWN_SECONDS,
    mailsPerDay: environment.MAIL_LIMIT_PER_DAY,
  };
}
