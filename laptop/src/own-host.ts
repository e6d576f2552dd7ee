/** This machine's names for itself. Foreign names may resolve to it too. */
const OWN_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The port that clients leave out of `Host` (RFC 9110, section 7.2). */
const HTTP_PORT = 80;

/**
 * Tells whether a request names this machine and the port that it arrived at. A site whose name resolves to 127.0.0.1 (DNS
 * rebinding) could read answers as its own, but it cannot hide its name in `Host`.
 *
 * @param host the header `Host`, or undefined if the request had none
 */
export function isOwnHost(host: string | undefined, port: number | undefined): boolean {
  const [, name = '', said] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host ?? '') ?? [];
  return OWN_NAMES.has(name.toLowerCase()) && Number(said ?? HTTP_PORT) === port;
}
