import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectContext, synthesize } from '../../lib/app.ts';

/** Returns the template of a stack with default options. No code is bundled. */
export function templateText(): string {
  const outdir = mkdtempSync(join(tmpdir(), 'tvm-docs-'));
  try {
    const context = {
      ...projectContext({ senderEmail: 'files@example.org' }),
      'aws:cdk:bundling-stacks': [],
    };
    const [stack] = synthesize(context, outdir).stacks;
    if (stack === undefined) throw new Error('No stack was synthesized');
    return readFileSync(stack.templateFullPath, 'utf8');
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
