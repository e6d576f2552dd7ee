import { DEFAULT_LANGUAGE, type Language } from '../domain/language.ts';
import { type Brand, UNBRANDED } from './brand.ts';
import { english } from './english.ts';
import { french } from './french.ts';
import { german } from './german.ts';
import type { Messages } from './messages.ts';

/** Catalog of each language. If a catalog or a message is missing, the code does not compile. */
const catalogs: Readonly<Record<Language, Messages>> = { en: english, de: german, fr: french };

/** Messages in one language, and a brand, for pages and e-mails. */
export interface LocalizedTheme {
  readonly messages: Messages;
  readonly brand: Brand;
}

export function localizedTheme(language: Language, brand: Brand): LocalizedTheme {
  return { messages: catalogs[language], brand };
}

/** Fallback if the reader or the record has no supported language. */
export const defaultTheme: LocalizedTheme = localizedTheme(DEFAULT_LANGUAGE, UNBRANDED);
