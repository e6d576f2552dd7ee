import { Sha256 } from '@aws-sdk/checksums/sha';
import { getCanonicalHeaders, SignatureV4 } from '@smithy/signature-v4';
import type { RawRequest } from './raw-request.ts';
import { decodeOctets, encodeOctets, type RequestTarget } from './request-target.ts';
import type { SignatureClaim } from './signature-claim.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The SDK's own signer, opened at the one place a verifier needs: it signs exactly the headers that the
 * sender signed, instead of those it would have chosen itself.
 */
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

  /** The signature the request should have, in hex; undefined if it lacks a header that it claims to have signed. */
  async signatureOf(
    request: RawRequest,
    target: RequestTarget,
    payloadHash: string,
  ): Promise<string | undefined> {
    const { longDate, signedHeaders } = this.#claim;
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
    return this.signText(await this.createStringToSign(longDate, this.scope(), text, ALGORITHM));
  }

  /** Signs a string with the key of the claim's day, region and service; for the chunks of a streamed body. */
  signText(text: string): Promise<string> {
    return this.sign(text, { signingDate: this.#claim.signedAt });
  }

  /** The credential scope as it stands in a string to sign. */
  scope(): string {
    const { date, region, service } = this.#claim.scope;
    return `${date}/${region}/${service}/aws4_request`;
  }
}

/** How a service encodes the path it signs: S3 as it is sent, every other service encoded once more. */
export type PathEncoding = 'once' | 'twice';

/** Spells every octet the way the signer does, so that a client may send `(` where it signed `%28`. */
const encodedOnce = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeOctets(decodeOctets(segment) ?? segment))
    .join('/');
