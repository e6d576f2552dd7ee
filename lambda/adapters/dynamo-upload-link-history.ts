import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LinkId } from '../domain/ids.ts';
import type { UploadLinkHistory } from '../domain/upload-links/ports.ts';
import type { LinkLine } from '../domain/upload-links/upload-link.ts';
import { appendLine, type HistoryTable, linesIn } from './history-lines.ts';

/**
 * Stores the history of upload links in the table of upload history. The keys cannot collide with those of uploads,
 * because link IDs and upload IDs begin with different digits.
 */
export class DynamoUploadLinkHistory implements UploadLinkHistory {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: HistoryTable;

  constructor(client: Pick<DynamoDBDocumentClient, 'send'>, table: HistoryTable) {
    this.#client = client;
    this.#table = table;
  }

  async append(line: LinkLine): Promise<void> {
    const { linkId, ...details } = line;
    await appendLine(this.#client, this.#table, { id: linkId, name: nameOf(line), line: details });
  }

  async linesOf(linkId: LinkId): Promise<readonly LinkLine[]> {
    const lines = await linesIn(this.#client, this.#table, linkId);
    return lines.map((line) => ({ ...line, linkId }) as LinkLine);
  }
}

/** Returns the part of a line's key that follows the time. Each revision and each e-mail has its own line. */
function nameOf(line: LinkLine): string {
  if ('revision' in line) return `${String(line.revision).padStart(6, '0')}#${line.event}`;
  return 'mail' in line ? `${line.event}#${line.mail}` : line.event;
}
