/** Returns the URL of an upload link's page. It contains the token: never log it. */
export function uploadAddress(publicOrigin: string, token: string): string {
  return `${publicOrigin}/upload?${new URLSearchParams({ token })}`;
}
