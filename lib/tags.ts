import type { Config } from './config.ts';

/**
 * Tags on every resource of a deployment. They identify resources that outlive their stack. CloudFormation passes the
 * stack's tags on to everything that can be tagged.
 */
export const STACK_TAG = 'tvm:stack';
export const STAGE_TAG = 'tvm:stage';

export function tagsOf({ stackName, stage }: Pick<Config, 'stackName' | 'stage'>): Record<string, string> {
  return { [STACK_TAG]: stackName, [STAGE_TAG]: stage };
}
