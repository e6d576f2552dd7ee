import { registerHooks } from 'node:module';

const GLOBALS = 'jest:globals';

// The runner provides the functions of Jest as globals only. Tests import them by name, which shows where they are from.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' ? { url: GLOBALS, shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === GLOBALS
      ? {
          format: 'module',
          shortCircuit: true,
          source:
            'export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = globalThis;',
        }
      : next(url, context),
});

// A test that hangs must not outlive a run that has ended (hang-reporter.js).
process.once('disconnect', () => process.exit());
