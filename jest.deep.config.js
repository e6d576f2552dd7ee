import base from './jest.config.js';

/** Exhaustive searches, storms and measurements of memory: too long for every change, and run on every push. */
export default { ...base, testMatch: ['<rootDir>/{cli/,laptop/,}test/**/*.deep.test.ts'] };
