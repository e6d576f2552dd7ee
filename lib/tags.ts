import type { Config } from './config.ts';

/**
 * The tags that every resource of a deployment carries. They stand on the stack, and CloudFormation passes them on to
 * whatever can be tagged, so that what a destroyed stack left behind can still be found.
 */
export const STACK_TAG = 'tvm:stack';
export const STAGE_TAG = 'tvm:stage';

export function tagsOf({ stackName, stage }: Pick<Config, 'stackName' | 'stage'>): Record<string, string> {
  return { [STACK_TAG]: stackName, [STAGE_TAG]: stage };
}
