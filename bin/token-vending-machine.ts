import { createApp } from '../lib/app.ts';
import { ConfigError } from '../lib/read-config.ts';

/* The CDK app. Run by `npx cdk`, which passes context and the output folder in its own variables. */

try {
  createApp().synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
