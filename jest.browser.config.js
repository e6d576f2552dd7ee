import base from './jest.config.js';

/** Tests of pages in Chromium, which take a third of the time of all others together. */
export default { ...base, testMatch: ['<rootDir>/test/browser/*.test.ts', '!**/*.deep.test.ts'] };
