import { createApp } from '../lib/app.ts';
import { ConfigError } from '../lib/read-config.ts';

/* The CDK app. `npx cdk` runs it, and passes the context and the output folder in environment variables. */

try {
  createApp().synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
