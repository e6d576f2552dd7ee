import type { LinkId, Tenant } from '../ids.ts';
import type { Upload } from '../uploads/upload.ts';
import type { LinkLine, LinkMail, UploadLink } from './upload-link.ts';

/* Ports of upload links. Like all ports, they throw `Unavailable` if their service is throttled, slow, or down. */

/** Position where a page of links ended: the `issuedAt` and the ID of its last link, joined by a period. */
export type LinkPosition = `${number}.${string}`;

export interface UploadLinks {
  /**
   * Puts a new link if there is none with its ID.
   *
   * @returns the stored link: the given object, or the link that was there first
   */
  open(link: UploadLink): Promise<UploadLink>;
  /** Reads with strong consistency. */
  find(linkId: LinkId): Promise<UploadLink | undefined>;
  /**
   * Replaces a link if its revision is still `from.revision`.
   *
   * @returns `stale` if it has changed. A write retried after a lost response may also return `stale`.
   */
  change(from: UploadLink, to: UploadLink): Promise<'changed' | 'stale'>;
  /** Returns a tenant's links after a position, newest first. The list is eventually consistent. */
  ofTenant(
    tenant: Tenant,
    page: { readonly limit: number; readonly after?: LinkPosition },
  ): Promise<{ readonly links: readonly UploadLink[]; readonly next?: LinkPosition }>;
  /**
   * Returns the finished and expired links that have files and whose inviter has not been notified of the outcome yet.
   * The list is eventually consistent.
   */
  untold(now: number): AsyncIterable<UploadLink>;
}

/** Stores the append-only history of upload links. */
export interface UploadLinkHistory {
  /** Appends a line. Repeating the same line is not an error. */
  append(line: LinkLine): Promise<void>;
  /** Returns all lines of a link, oldest first. */
  linesOf(linkId: LinkId): Promise<readonly LinkLine[]>;
}

/** Queues e-mails about upload links. Messages contain IDs only. */
export interface LinkMailQueue {
  sendLinkMail(linkId: LinkId, mail: LinkMail): Promise<void>;
}

/** Form that a browser sends to S3 unchanged, with the file as its last field. Never log it. */
export interface SignedForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Signs forms that upload a file without JavaScript. */
export interface FormSigner {
  /**
   * Signs a form for an upload of at most `upload.size` bytes.
   *
   * @param returnTo page that S3 redirects the browser to when the file has arrived
   */
  presignForm(
    upload: Upload,
    form: { readonly seconds: number; readonly returnTo: string },
  ): Promise<SignedForm>;
}
