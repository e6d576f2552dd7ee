import base from './jest.config.js';

/** What needs nginx, Caddy, and Poppler: `npm run test:proxies` finds them. */
export default { ...base, testMatch: ['<rootDir>/test/proxies/*.proxies.test.ts'] };
