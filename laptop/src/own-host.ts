/** The names by which this machine calls itself; a name of somebody else's may lead here too. */
const OWN_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The port that a client leaves out of `Host` (RFC 9110, section 7.2). */
const HTTP_PORT = 80;

/**
 * Whether a request means this machine by its own name, at the port that it came to. A web page whose name was made
 * to lead to 127.0.0.1 (DNS rebinding) may read what it asks for as its own, but cannot hide its name here.
 *
 * @param host the header `Host`; undefined if there was none
 */
export function isOwnHost(host: string | undefined, port: number | undefined): boolean {
  const [, name = '', said] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host ?? '') ?? [];
  return OWN_NAMES.has(name.toLowerCase()) && Number(said ?? HTTP_PORT) === port;
}
