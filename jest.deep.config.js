import base from './jest.config.js';

/** Exhaustive searches, storms, and memory measurements. They take too long for every change, so CI runs them on every push. */
export default { ...base, testMatch: ['<rootDir>/{cli/,laptop/,}test/**/*.deep.test.ts'] };
