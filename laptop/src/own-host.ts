/** The trusted names of this computer. Other names that resolve to it are not trusted. */
const OWN_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The default port, which clients omit from `Host` (RFC 9110, section 7.2). */
const HTTP_PORT = 80;

/**
 * Returns whether a request's `Host` names this computer and the port that received the request. This prevents DNS
 * rebinding: pages of a site whose name resolves to 127.0.0.1 cannot read responses, because their requests have that
 * name in `Host`.
 *
 * @param host the `Host` header, or undefined if the request had none
 */
export function isOwnHost(host: string | undefined, port: number | undefined): boolean {
  const [, name = '', given] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host ?? '') ?? [];
  return OWN_NAMES.has(name.toLowerCase()) && Number(given ?? HTTP_PORT) === port;
}
