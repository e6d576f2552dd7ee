import type { FormLimits, ProgramLimits } from '../domain/quota-rules.ts';
import type { Environment } from '../environment.ts';

/** Returns the limits of the public form from a function's environment. */
export function formLimits(
  environment: Pick<
    Environment<'pages'>,
    | 'SOURCE_LIMIT_PER_HOUR'
    | 'SOURCE_MAIL_LIMIT_PER_DAY'
    | 'ADDRESS_LIMIT_PER_HOUR'
    | 'ADDRESS_LIMIT_PER_DAY'
    | 'ADDRESS_COOLDOWN_SECONDS'
    | 'FORM_MAIL_LIMIT_PER_DAY'
  >,
): FormLimits {
  return {
    sourcePerHour: environment.SOURCE_LIMIT_PER_HOUR,
    sourceMailsPerDay: environment.SOURCE_MAIL_LIMIT_PER_DAY,
    addressPerHour: environment.ADDRESS_LIMIT_PER_HOUR,
    addressPerDay: environment.ADDRESS_LIMIT_PER_DAY,
    cooldownSeconds: environment.ADDRESS_COOLDOWN_SECONDS,
    formMailsPerDay: environment.FORM_MAIL_LIMIT_PER_DAY,
  };
}

/** Returns the limits of signed callers from a function's environment. */
export function programLimits(
  environment: Pick<Environment<'links'>, 'CALLER_MAIL_LIMIT_PER_DAY' | 'PROGRAM_MAIL_LIMIT_PER_DAY'>,
): ProgramLimits {
  return {
    callerMailsPerDay: environment.CALLER_MAIL_LIMIT_PER_DAY,
    programMailsPerDay: environment.PROGRAM_MAIL_LIMIT_PER_DAY,
  };
}
