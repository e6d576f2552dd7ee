import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { STAMPER } from '../../lib/capabilities/watermark.ts';
import { fileBeside } from '../../lib/constructs/bundle.ts';

/** Writes the stamper program and its fonts to a temporary folder, as deployed. */
export function stamperProgram(): { readonly program: URL; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-stamper-'));
  for (const path of STAMPER) {
    const [name, content] = fileBeside(path, {});
    writeFileSync(join(folder, name), content);
  }
  return {
    program: pathToFileURL(join(folder, 'stamper.mjs')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
