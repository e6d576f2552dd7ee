import type { LinkId, Tenant } from '../../lambda/domain/ids.ts';
import type {
  LinkMailQueue,
  LinkPosition,
  UploadLinkHistory,
  UploadLinks,
} from '../../lambda/domain/upload-links/ports.ts';
import type { LinkLine, LinkMail, UploadLink } from '../../lambda/domain/upload-links/upload-link.ts';

/** In-memory upload links. Writes have the same conditions as in DynamoDB. */
export class MemoryUploadLinks implements UploadLinks {
  /** The raw rows, for tests that bypass the port. */
  readonly rows = new Map<LinkId, UploadLink>();

  async open(link: UploadLink): Promise<UploadLink> {
    const standing = this.rows.get(link.linkId);
    if (standing !== undefined) return structuredClone(standing);
    this.rows.set(link.linkId, structuredClone(link));
    return link;
  }

  async find(linkId: LinkId): Promise<UploadLink | undefined> {
    return structuredClone(this.rows.get(linkId));
  }

  async change(from: UploadLink, to: UploadLink): Promise<'changed' | 'stale'> {
    if (this.rows.get(from.linkId)?.revision !== from.revision) return 'stale';
    this.rows.set(to.linkId, structuredClone(to));
    return 'changed';
  }

  async ofTenant(
    tenant: Tenant,
    { limit, after }: Parameters<UploadLinks['ofTenant']>[1],
  ): Promise<{ readonly links: readonly UploadLink[]; readonly next?: LinkPosition }> {
    const own = [...this.rows.values()]
      .filter((link) => link.tenant === tenant)
      .toSorted((one, other) => other.issuedAt - one.issuedAt || (one.linkId < other.linkId ? 1 : -1));
    const start = after === undefined ? 0 : own.findIndex((link) => positionOf(link) === after) + 1;
    const links = structuredClone(own.slice(start, start + limit));
    const last = links.at(-1);
    return { links, ...(last !== undefined && links.length === limit && { next: positionOf(last) }) };
  }

  async *untold(now: number): AsyncIterable<UploadLink> {
    for (const link of [...this.rows.values()]) {
      const hasEnded = link.state === 'finished' || (link.state === 'open' && link.expiresAt <= now);
      if (hasEnded && link.files.length > 0 && !link.told) yield structuredClone(link);
    }
  }
}

const positionOf = ({ issuedAt, linkId }: UploadLink): LinkPosition => `${issuedAt}.${linkId}`;

/** An in-memory history with one line per link, time, and event. Like the table, it never overwrites a line. */
export class MemoryUploadLinkHistory implements UploadLinkHistory {
  readonly #lines = new Map<string, LinkLine>();

  async append(line: LinkLine): Promise<void> {
    const key = keyOf(line);
    if (!this.#lines.has(key)) this.#lines.set(key, structuredClone(line));
  }

  async linesOf(linkId: LinkId): Promise<readonly LinkLine[]> {
    return [...this.#lines.values()]
      .filter((line) => line.linkId === linkId)
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  }

  /** Returns the events of a link, oldest first. */
  async eventsOf(linkId: LinkId): Promise<readonly string[]> {
    return (await this.linesOf(linkId)).map(({ event }) => event);
  }
}

const keyOf = ({ linkId, at, event }: LinkLine) => `${linkId} ${at.toISOString()}#${event}`;

/** An in-memory, ordered queue of e-mails about links. */
export class MemoryLinkMailQueue implements LinkMailQueue {
  readonly messages: { readonly linkId: LinkId; readonly mail: LinkMail }[] = [];

  async sendLinkMail(linkId: LinkId, mail: LinkMail): Promise<void> {
    this.messages.push({ linkId, mail });
  }

  get mails(): readonly LinkMail[] {
    return this.messages.map(({ mail }) => mail);
  }
}
