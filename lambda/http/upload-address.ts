/** Returns the address of an upload link's page. It holds the secret: never log it. */
export function uploadAddress(publicOrigin: string, token: string): string {
  return `${publicOrigin}/upload?${new URLSearchParams({ token })}`;
}
