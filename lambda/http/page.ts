import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Brand } from '../views/brand.ts';
import { type LocalizedTheme, localizedTheme } from '../views/localized-theme.ts';
import { pageSecurityPolicy } from '../views/security-policy.ts';
import { languageOf } from './language.ts';
import type { ApiRequest } from './request.ts';
import { response } from './response.ts';

/** The pages' origins and branding. */
export interface Site {
  readonly publicOrigin: string;
  readonly filesOrigin: string;
  readonly brand: Brand;
  /** SHA-256 of the trusted proxy's secret, if there is one. */
  readonly proxySecretSha256?: string | undefined;
}

/**
 * Returns a page in the caller's language. Its security policy allows no third parties, but lets forms redirect to the
 * bucket's origin.
 */
export function page(
  { publicOrigin, filesOrigin, brand, proxySecretSha256 }: Site,
  request: ApiRequest,
  statusCode: number,
  write: (theme: LocalizedTheme) => string,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyResult {
  const language = languageOf(request);
  // Links from before the proxy was set up lead to the API itself, but the forms on their pages post to the proxy.
  const bypassesProxy = proxySecretSha256 !== undefined && !request.throughProxy;
  const formsOrigin = bypassesProxy ? publicOrigin : undefined;
  const pageHeaders = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Language': language,
    'Content-Security-Policy': pageSecurityPolicy(filesOrigin, brand, formsOrigin),
    Vary: 'Accept, Accept-Language',
  };
  return response(statusCode, { ...pageHeaders, ...headers }, write(localizedTheme(language, brand)));
}
