import { DEFAULT_LANGUAGE, type Language } from '../domain/language.ts';
import { type Brand, UNBRANDED } from './brand.ts';
import { english } from './english.ts';
import { french } from './french.ts';
import { german } from './german.ts';
import type { Messages } from './messages.ts';

/** One catalogue a language: a language without one, or a catalogue without one of the messages, does not compile. */
const catalogues: Readonly<Record<Language, Messages>> = { en: english, de: german, fr: french };

/** What pages and mails are made in: one language, under one brand. */
export interface Edition {
  readonly messages: Messages;
  readonly brand: Brand;
}

/** The edition for a reader of `language`. */
export function editionIn(language: Language, brand: Brand): Edition {
  return { messages: catalogues[language], brand };
}

/** The edition without a brand, for who reads none of our languages. */
export const plainEdition: Edition = editionIn(DEFAULT_LANGUAGE, UNBRANDED);
