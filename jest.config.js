import { availableParallelism } from 'node:os';

/**
 * Test files run in Node itself, which strips their types, and share loaded modules (docs/adr/0049). Types are checked by
 * `npm run check`.
 */
export default {
  runner: '<rootDir>/test/support/runner.js',
  setupFiles: ['<rootDir>/test/support/jest-globals.js', '<rootDir>/test/support/garbage-collection.js'],
  globalSetup: '<rootDir>/test/support/own-temporary-folder.js',
  // Where caches go by convention; `npm ci` empties it. By default, it would stay in the system's temporary folder.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // Many tests wait for other processes, or for responses that take a fixed time. One more worker uses the cores meanwhile.
  maxWorkers: availableParallelism() + 1,
  // The other tests have their own configurations and commands: `npm run test:browser`, `test:deep`, and `test:proxies`.
  testMatch: [
    '<rootDir>/{cli/,laptop/,}test/**/*.test.ts',
    '!**/test/browser/**',
    '!**/*.{deep,proxies}.test.ts',
  ],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/cdk.out/', '<rootDir>/artefacts/'],
  reporters: [
    'default',
    '<rootDir>/test/support/count-reporter.js',
    '<rootDir>/test/support/hang-reporter.js',
  ],
};
