import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type EpochSeconds, epochSeconds, secondsAfter, type TokenId } from '../domain/ids.ts';
import { DAY_SECONDS, LIFETIME } from '../domain/lifetime.ts';
import type {
  Appended,
  IssuedTo,
  IssueHistory,
  Ledger,
  LinkFilter,
  LinkHistory,
  ListPosition,
} from '../domain/ports.ts';
import type { IssuedEntry, LedgerEntry } from '../domain/records.ts';
import { BACKUP_WINDOW_SECONDS, removalTime } from '../domain/retention.ts';
import { type ListPage, monthOf, readIssuedLinks } from './ledger-list.ts';
import { entryOf, isWhole, type LedgerRow } from './ledger-rows.ts';
import { callService, errorName, wasRepeated } from './service-fault.ts';

const PORT = 'ledger';

/**
 * Stores the history of every token under the keys `tokenId` and `timeEvent` (an ISO time and the event, joined by
 * `#`). Entries are appended and never changed.
 */
export class DynamoLedger implements Ledger, IssueHistory, LinkHistory {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: string;
  readonly #retentionDays: number;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    options: { readonly table: string; readonly retentionDays: number },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#retentionDays = options.retentionDays;
  }

  async append({ at, ...entry }: LedgerEntry, expiresAt?: EpochSeconds): Promise<Appended> {
    const written = epochSeconds(at);
    // A link can outlive the retention period. The entries about its terms and its e-mails are kept until the link has
    // expired.
    const outlived = entry.event === 'issued' ? entry.expiresAt : expiresAt;
    const details = {
      ...(entry.event === 'issued' && { issuedMonth: monthOf(at) }),
      removeAt:
        outlived === undefined
          ? secondsAfter(written, this.#retentionDays * DAY_SECONDS)
          : removalTime(outlived, written, this.#retentionDays),
    };
    try {
      await callService(PORT, () =>
        this.#client.send(
          new PutCommand({
            TableName: this.#table,
            Item: {
              ...entry,
              timeEvent: `${at.toISOString()}#${entry.event}`,
              ...details,
            },
            ConditionExpression: 'attribute_not_exists(tokenId)',
          }),
        ),
      );
      return 'appended';
    } catch (error) {
      if (errorName(error) !== 'ConditionalCheckFailedException') throw error;
      // The entry exists. If the SDK sent this put twice, its first attempt may have written the entry, so the entry
      // counts as new: an extra alarm is better than a report that nobody notices.
      return wasRepeated(error) ? 'appended' : 'known';
    }
  }

  async recipientOf(tokenId: TokenId): Promise<IssuedTo | undefined> {
    const issued = (await this.linesOf(tokenId)).find((line) => line.event === 'issued');
    if (issued?.address === undefined) return undefined;
    const { asset, issuedBy, expiresAt, address } = issued;
    return { asset, issuedBy, expiresAt, address };
  }

  async linesOf(tokenId: TokenId): Promise<readonly LedgerEntry[]> {
    const { Items = [] } = await callService(PORT, () =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'tokenId = :tokenId',
          ExpressionAttributeValues: { ':tokenId': tokenId },
          ConsistentRead: true,
        }),
      ),
    );
    return (Items as LedgerRow[]).filter(isWhole).map(entryOf);
  }

  async issuedLinks(
    filter: LinkFilter,
    page: ListPage,
  ): Promise<{ readonly links: readonly IssuedEntry[]; readonly next?: ListPosition }> {
    const longest = Math.max(this.#retentionDays * DAY_SECONDS, LIFETIME.max + BACKUP_WINDOW_SECONDS);
    const oldest = new Date(page.now.getTime() - longest * 1000);
    return await readIssuedLinks(
      (input) =>
        callService(PORT, () => this.#client.send(new QueryCommand({ ...input, TableName: this.#table }))),
      filter,
      page,
      monthOf(oldest),
    );
  }
}
