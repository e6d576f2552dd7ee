import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectContext, synthesise } from '../../lib/app.ts';
import { SENDER } from './template.ts';

test('the stack carries its name and stage as tags, which CloudFormation passes on to its resources', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'tvm-tags-'));
  try {
    const context = projectContext({ senderEmail: SENDER, stackName: 'Mine' });
    const quiet = { 'aws:cdk:bundling-stacks': [] };
    const [stack] = synthesise({ ...context, ...quiet }, outdir).stacks;
    expect(stack?.tags).toEqual({ 'tvm:stack': 'Mine', 'tvm:stage': 'dev' });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});
