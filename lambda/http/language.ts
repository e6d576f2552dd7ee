import Negotiator from 'negotiator';
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from '../domain/language.ts';
import type { ApiRequest } from './request.ts';

/**
 * Returns the supported language that the caller prefers (RFC 9110, section 12.5.4). Regions are ignored: `de-AT` gets
 * `de`.
 *
 * @returns the default language if the caller has no preference or no supported language
 */
export function languageOf(request: ApiRequest): Language {
  const header = request.header('accept-language');
  if (header === undefined) return DEFAULT_LANGUAGE;
  const [best] = new Negotiator({ headers: { 'accept-language': header } }).languages([...LANGUAGES]);
  return LANGUAGES.find((language) => language === best) ?? DEFAULT_LANGUAGE;
}
