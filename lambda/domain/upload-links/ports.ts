import type { LinkId, Tenant } from '../ids.ts';
import type { Upload } from '../uploads/upload.ts';
import type { LinkLine, LinkMail, UploadLink } from './upload-link.ts';

/*
 * The ports of upload links. Like all ports they throw `Unavailable` if the service behind them is throttled, slow, or down.
 */

/** Marks where a page of links ended: `issuedAt` and the ID of its last link, with a period in between. */
export type LinkPosition = `${number}.${string}`;

/** Stores upload links. */
export interface UploadLinks {
  /**
   * Puts a new link if there is none with its ID.
   *
   * @returns the stored link: the one given, or the one that was there first
   */
  open(link: UploadLink): Promise<UploadLink>;
  /** Reads with strong consistency. */
  find(linkId: LinkId): Promise<UploadLink | undefined>;
  /**
   * Replaces a link, if it still has the revision of `from`.
   *
   * @returns `stale` if it does not. A write whose answer was lost may also be `stale`.
   */
  change(from: UploadLink, to: UploadLink): Promise<'changed' | 'stale'>;
  /** Returns a tenant's links from a position on, newest first. It may be a moment behind. */
  ofTenant(
    tenant: Tenant,
    page: { readonly limit: number; readonly after?: LinkPosition },
  ): Promise<{ readonly links: readonly UploadLink[]; readonly next?: LinkPosition }>;
  /** Returns the links that ended with files and whose inviter has not been told. It may be a moment behind. */
  untold(now: number): AsyncIterable<UploadLink>;
}

/** Stores the append-only history of upload links. */
export interface UploadLinkHistory {
  /** Appends a line, once; repeating the same line is not an error. */
  append(line: LinkLine): Promise<void>;
  /** Returns every line of a link, oldest first. */
  linesOf(linkId: LinkId): Promise<readonly LinkLine[]>;
}

/** Queues the mails about upload links. It carries ids only. */
export interface LinkMailQueue {
  sendLinkMail(linkId: LinkId, mail: LinkMail): Promise<void>;
}

/** Represents a form that a browser may send to S3 as it stands, with the file as its last field. Never log it. */
export interface SignedForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Signs forms that send a file without a script. */
export interface FormSigner {
  /**
   * Signs a form for an upload of at most `upload.size` bytes.
   *
   * @param returnTo the page that S3 sends the browser to when it has the file
   */
  presignForm(
    upload: Upload,
    form: { readonly seconds: number; readonly returnTo: string },
  ): Promise<SignedForm>;
}
