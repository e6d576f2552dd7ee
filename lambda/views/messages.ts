import type { ErrorCode, RefusalOf } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { Html, HtmlValue } from './html.ts';
import type { MediaKind } from './media-kind.ts';

/** Holds the words of one problem page: paragraphs in plain words, the last of which says what to do. */
export interface ProblemWords {
  readonly title: string;
  readonly paragraphs: readonly HtmlValue[];
}

/** Lists codes whose words never vary; the others need a moment, a field or a waiting time. */
type FixedCode = Exclude<
  ErrorCode,
  | 'token_redeemed'
  | 'token_revoked'
  | 'token_expired'
  | 'quota_exceeded'
  | 'unavailable'
  | 'proof_required'
  | CodeProblem['code']
  | ProgramCode
>;

/** Describes what is wrong with a presence code. The page of the link asks for it again. */
export type CodeProblem = RefusalOf<'code_required' | 'wrong_code' | 'invalid_request'>;

/** Lists codes that only signed programs meet, which read no pages. */
type ProgramCode =
  | 'recipient_not_allowed'
  | 'asset_too_large'
  | 'pdf_encrypted'
  | 'pdf_signed'
  | 'pdf_unreadable'
  | 'pdf_too_large'
  | 'pdf_too_complex'
  | 'name_unprintable'
  | 'idempotency_key_reused'
  | 'not_authenticated'
  | 'upload_too_large'
  | 'type_not_allowed'
  | 'upload_incomplete'
  | 'upload_ended'
  | 'too_many_files'
  | 'already_published'
  | 'not_published'
  | 'not_parked';

/** Holds the words of every problem, by its code. Moments come as `<time>` elements. */
export interface ProblemMessages {
  readonly fixed: Readonly<Record<FixedCode, ProblemWords>>;
  /** Keyed by the invalid field, for fields that people fill in. */
  readonly invalidRequest: Readonly<Record<'email' | 'asset' | 'other', ProblemWords>>;
  readonly redeemed: (when: Html) => ProblemWords;
  readonly revoked: (when: Html) => ProblemWords;
  /** For a link that ended because of wrong presence codes. */
  readonly wrongCodes: (when: Html) => ProblemWords;
  readonly expired: (when: Html) => ProblemWords;
  readonly quotaExceeded: (wait: string) => ProblemWords;
  readonly unavailable: (wait: string) => ProblemWords;
  readonly proofRequired: (wait: string) => ProblemWords;
  readonly renew: { readonly lead: string; readonly submit: string };
  readonly askSender: string;
  /** What the page of a redeemed link says if the file can be had again until a moment. */
  readonly again: {
    readonly question: string;
    readonly lead: (until: Html) => Html;
    /** For a file that comes by a URL of its own. */
    readonly resumes: string;
    readonly submit: string;
  };
  readonly report: { readonly question: string; readonly lead: string; readonly submit: string };
  readonly newLink: string;
  readonly toForm: string;
  readonly tryAgain: string;
}

/** Holds what the page says after its button was pressed, for as long as the page is still there. */
interface ProgressWords {
  /** The label of the button during that time. */
  readonly button: string;
  readonly status: string;
}

/** Holds how a mail begins. */
interface MailHead {
  readonly subject: (fileName: string) => string;
  readonly heading: string;
}

/** Holds how a mail about several files begins. */
interface CollectionHead {
  readonly subject: (files: string) => string;
  readonly heading: string;
}

/** Holds what the limits sentence needs; durations come as words. */
interface LimitWords {
  /** `undefined` for exactly one minute, which has a phrase of its own. */
  readonly cooldown: string | undefined;
  readonly addressPerHour: string;
  readonly sourcePerHour: string;
}

/**
 * Holds every sentence that people read, on pages and in mail, in one language. Parameters come as finished words or
 * markup, so that a catalog decides only on words and their order.
 */
export interface Messages {
  /** The BCP 47 language of the words: the page's `lang`. */
  readonly lang: Language;
  /** The BCP 47 locale of numbers and dates. */
  readonly locale: string;
  /** The name of these pages if the operator has given them none. */
  readonly product: string;
  readonly footer: string;
  /** The text between a label and its value, without the space after it. */
  readonly colon: string;
  /** A day and a time of day in UTC, as they appear in a sentence. */
  readonly moment: (day: string, time: string) => string;
  /** The text before the support address, and before the address of the imprint. */
  readonly contact: { readonly support: string; readonly imprint: string };
  readonly progress: {
    readonly send: ProgressWords;
    readonly download: ProgressWords & { readonly started: string };
  };
  readonly kinds: Readonly<Record<Exclude<MediaKind, 'other'>, string>>;
  readonly file: {
    readonly name: string;
    readonly kind: string;
    readonly size: string;
    readonly checksum: string;
    /** The label of what a zip contains. */
    readonly contents: string;
    readonly linkWorksUntil: string;
    /** A moment ahead, with the time left until then. */
    readonly left: (until: Html, left: string) => Html;
  };
  readonly request: {
    readonly title: string;
    readonly lead: (lifetime: string) => string;
    readonly email: string;
    readonly asset: string;
    readonly assetHint: string;
    readonly submit: string;
    readonly privacy: string;
    readonly limits: (limits: LimitWords) => string;
  };
  /** What the form says about its proof of work. */
  readonly proof: ProgressWords & { readonly withoutScripts: (requests: string) => string };
  readonly checkInbox: {
    readonly title: string;
    readonly lead: string;
    readonly lifetime: (lifetime: string) => string;
    readonly nothingThere: string;
    /** `undefined` for a minute, as for the limits. */
    readonly hints: (askAgainAfter: string | undefined) => readonly string[];
    readonly askAgain: string;
    readonly sameForAll: string;
  };
  readonly confirm: {
    readonly title: string;
    readonly lead: string;
    readonly submit: string;
    readonly goodToKnow: string;
    readonly once: string;
    readonly starts: string;
    readonly breaksOff: (startWithin: string, newLink: Html) => Html;
    /** The same for a file that comes without a URL of its own. */
    readonly breaksOffStream: (newLink: Html) => Html;
    /** The same if the file can be had again for some minutes. */
    readonly breaksOffAgain: (duration: string, newLink: Html) => Html;
    /** What the holder finds on the copy of a file with a watermark. */
    readonly stamped: string;
    /** The purpose of the checksum, on pages that show one. */
    readonly checksum: string;
    readonly askHere: string;
    readonly askSender: string;
  };
  /** The page and the mail of a link that leads to several files. */
  readonly collection: {
    /** The text at the end of the page, which speaks of single links otherwise. */
    readonly footer: string;
    readonly title: string;
    readonly lead: string;
    /** The beginning of the page if no file is left. */
    readonly over: { readonly title: string; readonly lead: string };
    readonly submit: string;
    readonly progress: ProgressWords & { readonly started: string };
    readonly redeemed: (when: Html) => Html;
    readonly revoked: (when: Html) => Html;
    readonly gone: string;
    readonly linkWorksUntil: (until: Html) => Html;
    readonly once: string;
    readonly starts: string;
    /** How to see which files are left; the link leads to the page itself. */
    readonly left: (address: string) => Html;
    readonly checksum: string;
    readonly mail: {
      readonly link: CollectionHead;
      readonly reminder: CollectionHead;
      /** The label of the list. */
      readonly files: string;
      readonly press: string;
      readonly keepPrivate: string;
    };
  };
  /** What pages and mails say about presence codes. */
  readonly presence: {
    /** The label of the code, where it is shown. */
    readonly yours: string;
    readonly keep: string;
    readonly again: string;
    /** The label of the field for it. */
    readonly field: string;
    /** Where the code of a link from the form is to be found, and where that of another link. */
    readonly shown: string;
    readonly told: string;
    readonly missing: string;
    readonly malformed: string;
    readonly wrong: (attemptsLeft: number) => string;
    /** The sentence in the mail. */
    readonly mail: string;
  };
  readonly reported: {
    readonly title: string;
    readonly lead: string;
    readonly whatNow: string;
    readonly advice: readonly string[];
    readonly newLink: string;
  };
  readonly mail: {
    readonly link: MailHead;
    /** For a link that was mailed before. */
    readonly reminder: MailHead;
    /** The word before the recipient's name, which a comma follows. */
    readonly hello: string;
    /** The label of what the issuer wrote. */
    readonly message: string;
    readonly press: string;
    readonly open: string;
    readonly address: string;
    readonly lives: (lifetime: string, until: string) => string;
    readonly keepPrivate: string;
    /** For people who asked through the form, or in whose name somebody did. */
    readonly unasked: string;
    /** For people who were sent a link without asking. */
    readonly unexpected: string;
  };
  /** The mail that tells an issuer of a redemption. */
  readonly notice: {
    readonly subject: (fileName: string) => string;
    readonly heading: string;
    readonly lead: string;
    readonly redeemed: string;
    readonly link: string;
    readonly unexpected: string;
  };
  readonly problems: ProblemMessages;
}
