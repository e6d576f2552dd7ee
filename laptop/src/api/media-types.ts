/** Returns whether a media type, ignoring its parameters, matches one of the API's binary types, such as `image/*`. */
export function isBinary(mediaType: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  if (mediaType === undefined) return binaryMediaTypes.includes('*/*');
  const [essence = ''] = mediaType.split(';');
  const [type = ''] = essence.split('/');
  const candidates = [essence.trim().toLowerCase(), `${type.trim().toLowerCase()}/*`, '*/*'];
  return binaryMediaTypes.some((binary) => candidates.includes(binary.toLowerCase()));
}
