import { CfnOutput } from 'aws-cdk-lib';
import { ARecord, HostedZone, type IAliasRecordTarget, RecordTarget } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { isInZone } from '../host-options.ts';
import { setLogicalId } from './logical-id.ts';

export interface HostProps {
  readonly config: Pick<Config, 'hostedZoneId' | 'hostedZoneName'>;
  readonly host: string;
  readonly target: IAliasRecordTarget;
  readonly targetName: string;
}

/** Points a host name to its target if the options name the DNS zone. Otherwise, adds an output with the target. */
export function pointHost(scope: Construct, id: string, props: HostProps): void {
  const { config, host, target, targetName } = props;
  const { hostedZoneId, hostedZoneName: zoneName } = config;
  if (hostedZoneId !== undefined && zoneName !== undefined && isInZone(zoneName, host)) {
    const zone = HostedZone.fromHostedZoneAttributes(scope, `${id}Zone`, { hostedZoneId, zoneName });
    // The trailing dot makes the name fully qualified.
    const record = new ARecord(scope, `${id}Alias`, {
      zone,
      recordName: `${host}.`,
      target: RecordTarget.fromAlias(target),
    });
    setLogicalId(record, `${id}Alias`);
    return;
  }
  const description = `Where the CNAME record of ${host} has to point`;
  new CfnOutput(scope, `${id}Target`, { value: targetName, description }).overrideLogicalId(`${id}Target`);
}
