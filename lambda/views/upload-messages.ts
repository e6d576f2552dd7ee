import type { ErrorCode } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { Reason } from '../domain/uploads/upload.ts';
import { englishUpload } from './english-upload.ts';
import { frenchUpload } from './french-upload.ts';
import { germanUpload } from './german-upload.ts';

export interface UploadMessages {
  /** Product name on these pages if the operator has set none. */
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
  /** Texts of the steps for browsers without JavaScript. */
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
  /** Texts that the script shows. They contain no markup, because they are passed in an attribute. */
  readonly script: {
    readonly reading: string;
    /** Contains `{percent}`, which the script replaces with the progress. */
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
    /** Texts by problem code, or by the name of one of the script's own checks. */
    readonly errors: Readonly<
      Partial<Record<ErrorCode | 'too_many' | 'empty', string>> & { readonly other: string }
    >;
  };
}

/**
 * Returns the text of the upload pages. It is kept separate because every bundle that has pages includes the text of
 * the others.
 */
export function uploadMessages(language: Language): UploadMessages {
  return { en: englishUpload, de: germanUpload, fr: frenchUpload }[language];
}
