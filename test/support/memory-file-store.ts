import { type AssetName, fileNameOf, keyOf } from '../../lambda/domain/asset-name.ts';
import type { RedemptionId } from '../../lambda/domain/ids.ts';
import type { FileStore, OpenFile } from '../../lambda/domain/ports.ts';
import type { Asset } from '../../lambda/domain/records.ts';
import { fail, ok, type Result } from '../../lambda/domain/result.ts';
import { assetName } from './values.ts';

/** An in-memory versioned bucket. Each URL contains the file's key and version, and the URL's lifetime. */
export class MemoryFileStore implements FileStore {
  readonly #newest = new Map<AssetName, Asset | 'archived'>();
  readonly #kept = new Map<string, Asset>();
  #versions = 0;
  #signatures = 0;

  /** Offers a file, or a new version of it. */
  offer(name: string, details: Partial<Pick<Asset, 'type' | 'size' | 'sha256' | 'watermark'>> = {}): Asset {
    this.#versions += 1;
    const parsed = assetName(name);
    const asset: Asset = {
      name: parsed,
      key: keyOf(parsed),
      versionId: `v${this.#versions}`,
      fileName: fileNameOf(parsed),
      type: 'application/pdf',
      size: 2048,
      ...details,
    };
    this.#newest.set(parsed, asset);
    this.#kept.set(asset.versionId, asset);
    return asset;
  }

  /** Makes an earlier version the newest again, as deleting a delete marker does. */
  reinstate(asset: Asset): void {
    this.#newest.set(asset.name, asset);
  }

  /** Moves the file to a storage class that cannot be read immediately. */
  archive(name: string): void {
    this.#newest.set(assetName(name), 'archived');
  }

  /** Deletes the file by adding a delete marker. */
  remove(name: string): void {
    this.#newest.delete(assetName(name));
  }

  async head(name: AssetName): Promise<Result<Asset, 'missing' | 'archived'>> {
    const newest = this.#newest.get(name);
    if (newest === undefined) return fail('missing');
    return newest === 'archived' ? fail('archived') : ok(newest);
  }

  openFiles = 0;

  async open(name: AssetName): Promise<Result<OpenFile, 'missing' | 'archived'>> {
    const found = await this.head(name);
    return found.ok ? ok(this.#opened(found.value)) : found;
  }

  async openVersion({ versionId }: Asset): Promise<Result<OpenFile, 'missing' | 'archived'>> {
    const kept = this.#kept.get(versionId);
    return kept === undefined ? fail('missing') : ok(this.#opened(kept));
  }

  /** Permanently deletes a version. */
  destroy({ versionId }: Asset): void {
    this.#kept.delete(versionId);
  }

  #opened(asset: Asset): OpenFile {
    this.openFiles += 1;
    let open = true;
    const abort = () => {
      if (open) this.openFiles -= 1;
      open = false;
    };
    async function* read(): AsyncGenerator<Uint8Array> {
      try {
        for (let left = asset.size; left > 0; left -= 1024)
          yield new Uint8Array(Math.min(left, 1024)).fill(7);
      } finally {
        abort();
      }
    }
    const disposition = `attachment; filename="${asset.fileName}"`;
    return { asset, type: asset.type, disposition, bytes: read(), abort };
  }

  async presign(asset: Asset, redemptionId: RedemptionId, seconds: number): Promise<string> {
    this.#signatures += 1;
    const url = new URL('https://files.example.org');
    url.pathname = asset.key;
    url.searchParams.set('versionId', asset.versionId);
    url.searchParams.set('x-redemption-id', redemptionId);
    url.searchParams.set('X-Amz-Expires', String(seconds));
    url.searchParams.set('X-Amz-Signature', `signature-${this.#signatures}`);
    return url.href;
  }
}
