/** ESM TypeScript through swc; types are checked by `npm run check`, not here. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/own-temporary-folder.js',
  // Where caches go by convention; `npm ci` empties it. By default it would be left among the system's temporary files.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // Ends what hangs, and measures nothing: what a test waits for comes when it comes, on a busy machine too.
  testTimeout: 300_000,
  // Two cores are the least that anyone has; Jest would leave one of them idle.
  maxWorkers: '100%',
  // Modules are never freed, so a worker that has loaded the CDK a few times spends more time on garbage than on tests.
  workerIdleMemoryLimit: '1GB',
  // What searches exhaustively, or measures memory, runs with `npm run test:deep` (jest.deep.config.js), and what needs
  // nginx and Caddy with `npm run test:proxies`.
  testMatch: ['<rootDir>/{cli/,laptop/,}test/**/*.test.ts', '!**/*.{deep,proxies}.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/cdk.out/', '<rootDir>/artefacts/'],
  reporters: ['default', '<rootDir>/test/support/count-reporter.js'],
};
