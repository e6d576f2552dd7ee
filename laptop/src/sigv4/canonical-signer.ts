import { Sha256 } from '@aws-sdk/checksums/sha';
import { getCanonicalHeaders, SignatureV4 } from '@smithy/signature-v4';
import type { RawRequest } from './raw-request.ts';
import { decodeOctets, encodeOctets, type RequestTarget } from './request-target.ts';
import type { SignatureClaim } from './signature-claim.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The SDK's signer, adapted for verification: it signs exactly the headers that the sender signed. */
export class CanonicalSigner extends SignatureV4 {
  readonly #claim: SignatureClaim;
  readonly #pathEncoding: PathEncoding;

  constructor(claim: SignatureClaim, secretAccessKey: string, pathEncoding: PathEncoding) {
    super({
      credentials: { accessKeyId: claim.accessKeyId, secretAccessKey },
      region: claim.scope.region,
      service: claim.scope.service,
      sha256: Sha256,
      uriEscapePath: pathEncoding === 'twice',
    });
    this.#claim = claim;
    this.#pathEncoding = pathEncoding;
  }

  /** Returns the correct signature of a request in hex, or undefined if the request lacks a signed header. */
  async signatureOf(
    request: RawRequest,
    target: RequestTarget,
    payloadHash: string,
  ): Promise<string | undefined> {
    const { longDate, scope, signedHeaders } = this.#claim;
    const { date, region, service } = scope;
    const headers: Record<string, string> = {};
    for (const name of signedHeaders) {
      const value = request.headers.get(name);
      if (value !== undefined) headers[name] = value;
    }
    const path = this.#pathEncoding === 'twice' ? target.path : encodedOnce(target.path);
    const query = Object.fromEntries([...target.query].map(([name, values]) => [name, [...values]]));
    const canonical = { method: request.method, protocol: 'http:', hostname: '', path, query, headers };
    const canonicalHeaders = getCanonicalHeaders(canonical, undefined, new Set(signedHeaders));
    if (this.getCanonicalHeaderList(canonicalHeaders) !== signedHeaders.join(';')) return undefined;
    const text = this.createCanonicalRequest(canonical, canonicalHeaders, payloadHash);
    const credentialScope = `${date}/${region}/${service}/aws4_request`;
    return this.signText(await this.createStringToSign(longDate, credentialScope, text, ALGORITHM));
  }

  /** Signs a string with the key for the claim's day, region, and service. */
  signText(text: string): Promise<string> {
    return this.sign(text, { signingDate: this.#claim.signedAt });
  }
}

/** How many times the path is encoded in the signature: once for S3, and twice for other services. */
export type PathEncoding = 'once' | 'twice';

/** Encodes a path as the signer does, so that a client can sign `%28` and send `(`. */
const encodedOnce = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeOctets(decodeOctets(segment) ?? segment))
    .join('/');
