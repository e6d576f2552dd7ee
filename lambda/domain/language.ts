/** The languages that pages and mails are written in (BCP 47). The first is for who reads none of them. */
export const LANGUAGES = ['en', 'de', 'fr'] as const;

export type Language = (typeof LANGUAGES)[number];

/** For who reads none of ours, and for records that name none. */
export const DEFAULT_LANGUAGE: Language = LANGUAGES[0];
