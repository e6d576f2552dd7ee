import { Annotations, CfnParameter, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { OptionName } from './config.ts';
import { capitalized } from './constructs/logical-id.ts';

/**
 * Returns an option that `cdk deploy` needs, but `cdk synth`, `cdk diff`, and `cdk destroy` do not. If it is missing,
 * the template instead gets a parameter without a default. The CDK CLI then names the parameter and refuses to deploy
 * before CloudFormation changes anything. `cdk destroy` needs no parameters. (An error annotation would stop
 * `cdk synth`, too, because the app does not know which command is running.)
 *
 * @returns the option's value, or a reference to the parameter
 */
export function requiredToDeploy(scope: Construct, option: OptionName, given: string | undefined): string {
  if (given !== undefined) return given;
  const advice = `Set ${option} under "tvm" in cdk.json, or pass -c ${option}=VALUE`;
  Validations.of(scope).acknowledge({
    id: 'CloudFormation-Validate::W2001',
    reason: 'The parameter stops a deployment, whether anything reads it or not.',
  });
  Annotations.of(scope).addWarningV2(`tvm:${option}`, `A deployment needs ${option}. ${advice}.`);
  const parameter = new CfnParameter(scope, `Missing ${option}`, {
    type: 'String',
    description: advice,
    minLength: 3,
  });
  parameter.overrideLogicalId(capitalized(option));
  return parameter.valueAsString;
}
