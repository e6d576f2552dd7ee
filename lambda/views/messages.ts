import type { ErrorCode, RefusalOf } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { Html, HtmlValue } from './html.ts';
import type { MediaKind } from './media-kind.ts';

/** Texts of one problem page: paragraphs in plain language, the last of which usually says what to do. */
export interface ProblemWords {
  readonly title: string;
  readonly paragraphs: readonly HtmlValue[];
}

/** Codes with fixed texts. All other codes have texts that depend on a time or a field, or no problem page at all. */
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

/** Problem with a presence code. The link's page asks for the code again. */
export type CodeProblem = RefusalOf<'code_required' | 'wrong_code' | 'invalid_request'>;

/** Codes without a problem page, because only programs get them or because another page explains them. */
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

/** Texts of all problems. Times are `<time>` elements. */
export interface ProblemMessages {
  readonly fixed: Readonly<Record<FixedCode, ProblemWords>>;
  /** Texts by invalid field, for the fields that people fill in. */
  readonly invalidRequest: Readonly<Record<'email' | 'asset' | 'other', ProblemWords>>;
  readonly redeemed: (when: Html) => ProblemWords;
  readonly revoked: (when: Html) => ProblemWords;
  /** Texts for a link that was revoked after too many wrong presence codes. */
  readonly wrongCodes: (when: Html) => ProblemWords;
  readonly expired: (when: Html) => ProblemWords;
  readonly quotaExceeded: (wait: string) => ProblemWords;
  readonly unavailable: (wait: string) => ProblemWords;
  readonly proofRequired: (wait: string) => ProblemWords;
  readonly renew: { readonly lead: string; readonly submit: string };
  readonly askSender: string;
  /** Texts about the second chance, on the page of a redeemed link. */
  readonly again: {
    readonly question: string;
    readonly lead: (until: Html) => Html;
    /** Sentence added for files that are delivered through a presigned URL. */
    readonly resumes: string;
    readonly submit: string;
  };
  readonly report: { readonly question: string; readonly lead: string; readonly submit: string };
  readonly newLink: string;
  readonly toForm: string;
  readonly tryAgain: string;
}

/** Texts for a form's button and status, shown once the button has been pressed. */
interface ProgressWords {
  /** Label of the button while the request is running. */
  readonly button: string;
  readonly status: string;
}

/** Subject and heading of an e-mail. The parameter is the name of the file, or the formatted number of files. */
interface MailHead {
  readonly subject: (files: string) => string;
  readonly heading: string;
}

/** The formatted values that the sentence about limits contains. */
interface LimitWords {
  /** `undefined` for exactly one minute, which has a phrase of its own. */
  readonly cooldown: string | undefined;
  readonly addressPerHour: string;
  readonly sourcePerHour: string;
}

/**
 * All texts on pages and in e-mails, in one language. Parameters are formatted words or markup, so that a catalog
 * determines only the words and their order.
 */
export interface Messages {
  /** BCP 47 language of the texts: the page's `lang`. */
  readonly lang: Language;
  /** BCP 47 locale of numbers and dates. */
  readonly locale: string;
  /** Product name on pages and in e-mails if the operator has set none. */
  readonly product: string;
  readonly footer: string;
  /** Text between a label and its value, without the space after it. */
  readonly colon: string;
  /** Date and time in UTC, as they appear in a sentence. */
  readonly moment: (day: string, time: string) => string;
  /**
   * `support` precedes the support address. `imprint` is the imprint's link text on pages, and its label in e-mails.
   */
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
    /** Label of the list of files in a zip. */
    readonly contents: string;
    readonly linkWorksUntil: string;
    /** Time in the future, with the time left until then. */
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
  /** Texts about the proof of work on the form. */
  readonly proof: ProgressWords & { readonly withoutScripts: (requests: string) => string };
  readonly checkInbox: {
    readonly title: string;
    readonly lead: string;
    readonly lifetime: (lifetime: string) => string;
    readonly nothingThere: string;
    /** The parameter is `undefined` for exactly one minute, which has a phrase of its own. */
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
    /** Text for files that are streamed. */
    readonly breaksOffStream: (newLink: Html) => Html;
    /** Text for links with a second chance. */
    readonly breaksOffAgain: (duration: string, newLink: Html) => Html;
    /** Description of the watermark on the holder's copy. */
    readonly stamped: string;
    /** Text that says what the checksum is for, on pages that show one. */
    readonly checksum: string;
    readonly askHere: string;
    readonly askSender: string;
  };
  /** Texts on the page of a collection and in its e-mails. */
  readonly collection: {
    /** The footer. Pages for one file have a different one. */
    readonly footer: string;
    readonly title: string;
    readonly lead: string;
    /** Beginning of the page if no files are left. */
    readonly over: { readonly title: string; readonly lead: string };
    readonly submit: string;
    readonly progress: ProgressWords & { readonly started: string };
    readonly redeemed: (when: Html) => Html;
    readonly revoked: (when: Html) => Html;
    readonly gone: string;
    readonly linkWorksUntil: (until: Html) => Html;
    readonly once: string;
    readonly starts: string;
    /** Text that says how to see which files are left, with a link to the page itself. */
    readonly left: (address: string) => Html;
    readonly checksum: string;
    readonly mail: {
      readonly link: MailHead;
      readonly reminder: MailHead;
      /** Label of the list of files. */
      readonly files: string;
      readonly press: string;
      readonly keepPrivate: string;
    };
  };
  /** Texts about presence codes on pages and in e-mails. */
  readonly presence: {
    /** Label of the code on the page that shows it. */
    readonly yours: string;
    readonly keep: string;
    readonly again: string;
    readonly field: string;
    /** Text that says where to find the code. `shown` is for form links, and `told` is for API links. */
    readonly shown: string;
    readonly told: string;
    readonly missing: string;
    readonly malformed: string;
    readonly wrong: (attemptsLeft: number) => string;
    /** Sentence in the e-mail that says where to find the code. */
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
    /** Texts of a reminder, for a link that has been mailed before. */
    readonly reminder: MailHead;
    /** Salutation before the recipient's name and a comma. */
    readonly hello: string;
    /** Label of the issuer's message. */
    readonly message: string;
    readonly press: string;
    readonly open: string;
    readonly address: string;
    readonly lives: (lifetime: string, until: string) => string;
    readonly keepPrivate: string;
    /** Text for people whose address was entered on the form, perhaps by somebody else. */
    readonly unasked: string;
    /** Text for people who were sent an API link that they did not request. */
    readonly unexpected: string;
  };
  /** Texts of the notice that tells an issuer about a redemption. */
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
