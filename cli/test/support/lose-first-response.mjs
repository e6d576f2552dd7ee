/* Preloaded into a tvm process. Drops the first response, as a broken connection would. */
const { fetch } = globalThis;
let responses = 0;

globalThis.fetch = async (...request) => {
  const response = await fetch(...request);
  responses += 1;
  if (responses > 1) return response;
  await response.arrayBuffer();
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('lost'), { code: 'ECONNRESET' }) });
};
