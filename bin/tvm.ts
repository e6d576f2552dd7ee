#!/usr/bin/env node
/* The operator's command line (docs/commands.md). */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runOnTerminal } = await import('../cli/tvm/run-on-terminal.ts');
await runOnTerminal(process.argv.slice(2));
