import type { AccessKeys } from '../access-keys.ts';
import type { ServiceRole } from '../iam/stack-policies.ts';
import type { RunningService } from '../loopback-server.ts';
import { onPortOrFree } from '../ports.ts';
import type { RunningS3 } from '../s3/s3.ts';
import type { Callers } from '../services/auth-proxy.ts';
import type { StackModel } from '../template/stack-model.ts';
import { startGuardDutyApi } from './guardduty-api.ts';
import {
  type ChooseVerdict,
  type MalwareProtection,
  type MalwareProtectionOptions,
  protectBuckets,
} from './malware-protection.ts';
import { readPlans, roleOf } from './plan.ts';
import { findScanner } from './scanner.ts';

export interface GuardDutyOptions extends Pick<MalwareProtectionOptions, 'publish'> {
  /** The preferred port. */
  readonly port: number;
  readonly s3: RunningS3;
  readonly accessKeys: AccessKeys;
  readonly authorize: Callers['authorize'];
  readonly clock: () => Date;
  readonly choose: ChooseVerdict | undefined;
  log(line: string): void;
}

/** GuardDuty with the template's Malware Protection plans. */
export interface RunningGuardDuty extends RunningService {
  readonly roles: readonly ServiceRole[];
  /** A description of the malware scanner and what it finds, for users. Undefined if the template has no plan. */
  readonly scanner: string | undefined;
  /** Scans a new object in the background if a plan covers it. */
  readonly watch: MalwareProtection['objectCreated'];
}

/** Starts GuardDuty. Logs the name of the malware scanner if the template has a plan. */
export async function startGuardDuty(
  model: StackModel,
  options: GuardDutyOptions,
): Promise<RunningGuardDuty> {
  const { accessKeys, authorize, clock, s3, publish } = options;
  const { region } = model.place;
  const plans = readPlans(model);
  const scanner = await findScanner();
  if (plans.length > 0) options.log(`The malware scanner is ${scanner.name}`);
  const protection = protectBuckets({
    plans,
    scanner,
    choose: options.choose ?? (() => undefined),
    s3Url: s3.url,
    region,
    clock,
    accessKeyOf: ({ logicalId }) => accessKeys.keyOf('role', logicalId),
    publish,
  });
  const api = await onPortOrFree(options.port, (port) =>
    startGuardDutyApi(
      { port, region, protection, findObject: s3.findObject },
      { credentials: accessKeys.lookup, authorize, clock },
    ),
  );
  return {
    url: api.url,
    roles: plans.map(roleOf),
    scanner: plans.length > 0 ? scanner.name : undefined,
    watch: protection.objectCreated,
    close: async () => {
      await api.close();
      await protection.close();
    },
  };
}
