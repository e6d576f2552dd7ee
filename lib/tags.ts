import type { Config } from './config.ts';

/**
 * Tags every resource of a deployment. The tags are on the stack, and CloudFormation passes them on to everything that
 * can be tagged, so that anything a destroyed stack left behind can still be found.
 */
export const STACK_TAG = 'tvm:stack';
export const STAGE_TAG = 'tvm:stage';

export function tagsOf({ stackName, stage }: Pick<Config, 'stackName' | 'stage'>): Record<string, string> {
  return { [STACK_TAG]: stackName, [STAGE_TAG]: stage };
}
