import { registerHooks } from 'node:module';

const GLOBALS = 'jest:globals';

// The runner provides Jest's functions only as globals. Tests import them by name to show where they come from.
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

// A hanging test must not outlive its run (hang-reporter.js).
process.once('disconnect', () => process.exit());
