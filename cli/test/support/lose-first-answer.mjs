/* Preloaded into a command line: the first answer is lost on its way back, as when a connection breaks. */
const { fetch } = globalThis;
let answers = 0;

globalThis.fetch = async (...request) => {
  const response = await fetch(...request);
  answers += 1;
  if (answers > 1) return response;
  await response.arrayBuffer();
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('lost'), { code: 'ECONNRESET' }) });
};
