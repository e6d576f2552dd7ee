import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoLedger } from '../../../lambda/adapters/dynamo-ledger.ts';
import { DynamoTokenStore } from '../../../lambda/adapters/dynamo-token-store.ts';
import type { AssetName } from '../../../lambda/domain/asset-name.ts';
import { endToken } from '../../../lambda/domain/ending.ts';
import {
  type EmailAddress,
  epochSeconds,
  newRedemptionId,
  newTokenId,
  type Pseudonym,
  secondsAfter,
  type TokenId,
} from '../../../lambda/domain/ids.ts';
import { issuedEntry, mintToken } from '../../../lambda/domain/mint-token.ts';
import { countedForm } from '../../../lambda/domain/quota-rules.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import type { DynaliteServer } from '../../../test/support/dynalite-server.ts';
import { KeyedPseudonyms } from '../../../test/support/keyed-pseudonyms.ts';
import { assetName } from '../../../test/support/values.ts';
import type { Tables } from '../../tables/tables.ts';

/** Overrides for the default link, which is a live form link for `report.pdf` with a lifetime of 15 minutes. */
export interface LinkOptions {
  readonly at?: Date;
  readonly asset?: AssetName;
  readonly address?: EmailAddress;
  readonly notify?: EmailAddress;
  readonly note?: string;
  readonly lifetimeSeconds?: number;
}

/** Tables with rows as the functions write them. */
export class TableFixture {
  readonly tables: Tables;
  readonly store: DynamoTokenStore;
  readonly ledger: DynamoLedger;
  readonly pseudonyms = new KeyedPseudonyms();
  readonly #client: DynamoDBDocumentClient;

  /** @param url the URL of a proxy in front of the tables */
  constructor(dynamo: DynaliteServer, url?: string) {
    this.#client = dynamo.client(url);
    this.tables = {
      client: this.#client,
      tokenTable: 'tokens',
      receiptTable: 'receipts',
      ledgerTable: 'ledger',
      quotaTable: 'quota',
      uploadLinkTable: 'uploadLinks',
      signal: new AbortController().signal,
    };
    this.store = new DynamoTokenStore(this.#client, this.tables);
    this.ledger = new DynamoLedger(this.#client, { table: 'ledger', retentionDays: 10 });
  }

  pseudonymOf(address: EmailAddress): Promise<Pseudonym> {
    return this.pseudonyms.of('address', countedForm(address));
  }

  /** Issues a link: writes the record, then the ledger entry. */
  async issue(options: LinkOptions = {}): Promise<TokenRecord> {
    const { at = new Date(), asset = assetName('report.pdf'), address, notify, note } = options;
    const recipient = address && { address, pseudonym: await this.pseudonymOf(address) };
    const issuedAt = epochSeconds(at);
    const minted = mintToken({
      tokenId: newTokenId('form'),
      issuedAt,
      expiresAt: secondsAfter(issuedAt, options.lifetimeSeconds ?? 900),
      asset: {
        name: asset,
        key: `gated/${asset}`,
        versionId: 'v1',
        fileName: asset,
        type: 'text/plain',
        size: 12,
      },
      issuedBy: 'public',
      open: 'confirm',
      delivery: 'redirect',
      ...(recipient && { recipient }),
      ...(notify !== undefined && { wantsNotice: true }),
    });
    await this.store.put(minted);
    await this.ledger.append(
      issuedEntry(minted, at, {
        ...(note !== undefined && { note }),
        ...(notify !== undefined && { notify }),
      }),
    );
    return minted;
  }

  /** Ends a link as the functions do. */
  async end(record: TokenRecord, kind: 'redeemed' | 'revoked', at = new Date()): Promise<void> {
    const attempt = { at, redemptionId: newRedemptionId() };
    await endToken(
      {
        store: this.store,
        ledger: this.ledger,
        report: () => undefined,
        receiptRetentionDays: 10,
      },
      record,
      kind === 'revoked'
        ? { ...attempt, kind, revokedBy: 'public' }
        : {
            ...attempt,
            kind,
            sourceAddress: '192.0.2.7',
            userAgent: 'a browser',
          },
    );
  }

  async rows(table: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { Items = [] } = await this.#client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true }),
    );
    return Items;
  }

  async put(table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: table, Item: row }));
  }

  /** Deletes a row, as TTL or an accident would. */
  async remove(table: string, key: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: table, Key: key }));
  }

  async removeEntries(tokenId: TokenId, event: string): Promise<void> {
    for (const row of await this.rows('ledger')) {
      const { timeEvent } = row;
      if (row.tokenId === tokenId && row.event === event) await this.remove('ledger', { tokenId, timeEvent });
    }
  }
}
