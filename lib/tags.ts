import type { Config } from './config.ts';

/**
 * Tag of every resource of a deployment, by which resources that outlive their stack can be found. CloudFormation
 * passes the stack's tags on to everything that can be tagged.
 */
export const STACK_TAG = 'tvm:stack';
export const STAGE_TAG = 'tvm:stage';

export function tagsOf({ stackName, stage }: Pick<Config, 'stackName' | 'stage'>): Record<string, string> {
  return { [STACK_TAG]: stackName, [STAGE_TAG]: stage };
}
