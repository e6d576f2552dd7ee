import type { FormLimits, ProgramLimits } from '../domain/quota-rules.ts';
import type {
  formLimits as formVariables,
  programLimits as programVariables,
  Values,
} from '../environment/groups.ts';

/** Returns the limits of the public form from a function's environment. */
export function formLimits(environment: Values<typeof formVariables>): FormLimits {
  return {
    sourcePerHour: environment.SOURCE_LIMIT_PER_HOUR,
    sourceMailsPerDay: environment.SOURCE_MAIL_LIMIT_PER_DAY,
    addressPerHour: environment.ADDRESS_LIMIT_PER_HOUR,
    addressPerDay: environment.ADDRESS_LIMIT_PER_DAY,
    cooldownSeconds: environment.ADDRESS_COOLDOWN_SECONDS,
    formMailsPerDay: environment.FORM_MAIL_LIMIT_PER_DAY,
  };
}

/** Returns the limits of IAM callers from a function's environment. */
export function programLimits(environment: Values<typeof programVariables>): ProgramLimits {
  return {
    callerMailsPerDay: environment.CALLER_MAIL_LIMIT_PER_DAY,
    programMailsPerDay: environment.PROGRAM_MAIL_LIMIT_PER_DAY,
  };
}
