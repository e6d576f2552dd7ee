/** Languages of pages and e-mails (BCP 47). The first is the default. */
export const LANGUAGES = ['en', 'de', 'fr'] as const;

export type Language = (typeof LANGUAGES)[number];

/** Fallback if the reader or the record has no supported language. */
export const DEFAULT_LANGUAGE: Language = LANGUAGES[0];
