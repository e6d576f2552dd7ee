import type { ErrorCode } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { Reason } from '../domain/uploads/upload.ts';
import { englishUpload } from './english-upload.ts';
import { frenchUpload } from './french-upload.ts';
import { germanUpload } from './german-upload.ts';

/** Holds the words of the pages that take files. */
export interface UploadMessages {
  /** The name of these pages if the operator has given them none. */
  readonly product: string;
  readonly footer: string;
  readonly title: string;
  readonly lead: string;
  readonly number: string;
  readonly atMost: (count: string) => string;
  readonly each: (size: string) => string;
  readonly choose: string;
  readonly dropHere: string;
  readonly files: string;
  /** The steps of browsers without scripts. */
  readonly fileName: string;
  readonly fileNameHint: string;
  readonly next: string;
  readonly formLead: string;
  readonly send: string;
  readonly back: string;
  readonly finishHint: string;
  readonly finish: string;
  readonly goodToKnow: readonly string[];
  readonly thanks: { readonly title: string; readonly lead: string; readonly next: string };
  /** The words that the script shows. They travel in an attribute, so they are plain text. */
  readonly script: {
    readonly reading: string;
    /** With `{percent}` in the place of the progress. */
    readonly sending: string;
    readonly finishing: string;
    readonly waiting: string;
    readonly paused: string;
    readonly chooseAgain: string;
    readonly incomplete: string;
    readonly checking: string;
    readonly received: string;
    readonly pause: string;
    readonly resume: string;
    readonly remove: string;
    readonly removed: string;
    readonly notRemoved: string;
    readonly notYet: string;
    readonly refused: Readonly<Partial<Record<Reason, string>>> & { readonly other: string };
    /** Keyed by problem code, or by what the script checks itself. */
    readonly errors: Readonly<
      Partial<Record<ErrorCode | 'too_many' | 'empty', string>> & { readonly other: string }
    >;
  };
}

/** Returns the words of the pages that take files. They are not among the other words, which every page carries. */
export function uploadMessages(language: Language): UploadMessages {
  return { en: englishUpload, de: germanUpload, fr: frenchUpload }[language];
}
