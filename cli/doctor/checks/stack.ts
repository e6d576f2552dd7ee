import type { Account, StackFacts } from '../account.ts';
import { type Check, type Finding, fine, problem, warning } from '../finding.ts';

/** AWS rejects signatures that are more than five minutes off. The SDK compensates for a wrong clock, but other tools do not. */
const TOLERATED_SECONDS = 60;

/** Checks credentials, clock, and stack. */
export function stackCheck(account: Pick<Account, 'stack'>): Check {
  return {
    name: 'stack',
    permissions: [
      'cloudformation:DescribeStacks',
      'cloudformation:DescribeStackResources',
      'cloudformation:ListStackResources',
    ],
    look: async () => {
      const facts = await account.stack();
      return [fine('credentials', 'accepted'), clock(facts), status(facts)];
    },
  };
}

function clock({ clockAheadSeconds }: StackFacts): Finding {
  const off = Math.abs(clockAheadSeconds);
  const words = `${off} s ${clockAheadSeconds < 0 ? 'behind' : 'ahead of'} AWS`;
  return off <= TOLERATED_SECONDS
    ? fine('clock', off === 0 ? 'same as AWS' : words)
    : problem('clock', words, "Set this computer's clock. AWS rejects signatures with the wrong time.");
}

function status({ status: state, stage = 'unknown' }: StackFacts): Finding {
  const found = `${state}, stage ${stage}`;
  if (state === 'CREATE_COMPLETE' || state === 'UPDATE_COMPLETE') return fine('stack', found);
  if (state === 'UPDATE_ROLLBACK_COMPLETE') {
    return warning(
      'stack',
      found,
      'The last deployment failed and was rolled back. Check the events of the stack, and deploy again.',
    );
  }
  if (state.endsWith('_IN_PROGRESS'))
    return warning('stack', found, 'A deployment is running. Check again when it is done.');
  return problem('stack', found, 'Check the events of the stack in CloudFormation, and deploy again.');
}
