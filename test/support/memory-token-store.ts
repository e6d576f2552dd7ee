import type { RedemptionId, TokenId } from '../../lambda/domain/ids.ts';
import type { TokenLookup, TokenStore } from '../../lambda/domain/ports.ts';
import type { Receipt, TokenRecord } from '../../lambda/domain/records.ts';

/** In-memory token and receipt tables. Writes have the same conditions as in DynamoDB. */
export class MemoryTokenStore implements TokenStore {
  /** The raw rows, for tests that bypass the port. */
  readonly records = new Map<TokenId, TokenRecord>();
  readonly receipts = new Map<TokenId, Receipt>();

  async put(record: TokenRecord): Promise<void> {
    if (!this.records.has(record.tokenId)) this.records.set(record.tokenId, structuredClone(record));
  }

  async find(tokenId: TokenId): Promise<TokenLookup> {
    const record = this.records.get(tokenId);
    const receipt = this.receipts.get(tokenId);
    return structuredClone({ ...(record && { record }), ...(receipt && { receipt }) });
  }

  async findAll(tokenIds: readonly TokenId[]): Promise<readonly TokenLookup[]> {
    return await Promise.all(tokenIds.map((tokenId) => this.find(tokenId)));
  }

  async settle(receipt: Receipt): Promise<Receipt> {
    const standing = this.receipts.get(receipt.tokenId);
    if (standing !== undefined && standing.redemptionId !== receipt.redemptionId) {
      return structuredClone(standing);
    }
    this.receipts.set(receipt.tokenId, structuredClone(receipt));
    return receipt;
  }

  async countAttempt(tokenId: TokenId, attempt: RedemptionId, most: number): Promise<number | 'refused'> {
    const record = this.records.get(tokenId);
    if (record === undefined) return 'refused';
    const before = record.codeAttempts ?? new Set();
    if (before.size >= most && !before.has(attempt)) return 'refused';
    const codeAttempts = new Set([...before, attempt]);
    this.records.set(tokenId, { ...record, codeAttempts });
    return codeAttempts.size;
  }

  async forgetAttempt(tokenId: TokenId, attempt: RedemptionId): Promise<void> {
    const record = this.records.get(tokenId);
    if (record === undefined) return;
    const codeAttempts = new Set(record.codeAttempts);
    codeAttempts.delete(attempt);
    this.records.set(tokenId, { ...record, codeAttempts });
  }

  async retire(tokenId: TokenId): Promise<'retired' | 'gone'> {
    return this.records.delete(tokenId) ? 'retired' : 'gone';
  }
}
