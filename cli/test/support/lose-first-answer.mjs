/* Preloaded into a tvm process. Drops the first answer, as a broken connection would. */
const { fetch } = globalThis;
let answers = 0;

globalThis.fetch = async (...request) => {
  const response = await fetch(...request);
  answers += 1;
  if (answers > 1) return response;
  await response.arrayBuffer();
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('lost'), { code: 'ECONNRESET' }) });
};
