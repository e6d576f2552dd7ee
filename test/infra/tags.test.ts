import { expect, test } from '@jest/globals';
import { projectContext, synthesize } from '../../lib/app.ts';
import { inFolder, SENDER } from './template.ts';

test('the stack has its name and stage as tags, which CloudFormation passes on to its resources', () => {
  const context = projectContext({ senderEmail: SENDER, stackName: 'Mine' });
  const quiet = { 'aws:cdk:bundling-stacks': [] };
  const tags = inFolder((outdir) => synthesize({ ...context, ...quiet }, outdir).stacks[0]?.tags);
  expect(tags).toEqual({ 'tvm:stack': 'Mine', 'tvm:stage': 'dev' });
});
