import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { create as contentDisposition } from 'content-disposition';
import { type AssetName, fileNameOf } from '../domain/asset-name.ts';
import type { FileStore } from '../domain/ports.ts';
import type { Asset } from '../domain/records.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { nameToSave } from './name-to-save.ts';
import { callService, errorName } from './service-fault.ts';

const PORT = 'file store';

/** Files on offer lie under this prefix of the bucket, and callers name them without it. */
const OFFERED_PREFIX = 'gated/';

const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * API Gateway sends at most 10,240 bytes of headers, and the URL in `Location` holds key, name and type, escaped once
 * or twice (API Gateway Developer Guide, "Quotas for configuring and running a REST API"). A URL that is too long would
 * be found out when the token is spent already.
 */
const LONGEST_TYPE = 100;

/** Classes that must be restored before they can be read (Amazon S3 User Guide, "Working with archived objects"). */
const ARCHIVE_CLASSES = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** The private bucket; its client must compute and ask for checksums only when required (see `s3Settings`). */
export class S3FileStore implements FileStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async head(name: AssetName): Promise<Result<Asset, 'missing' | 'archived'>> {
    const key = `${OFFERED_PREFIX}${name}`;
    try {
      const facts = await callService(PORT, () =>
        this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key, ChecksumMode: 'ENABLED' })),
      );
      return isArchived(facts) ? fail('archived') : ok(assetOf(name, key, facts));
    } catch (error) {
      if (errorName(error) === 'NotFound' || errorName(error) === 'NoSuchKey') return fail('missing');
      throw error;
    }
  }

  presign(asset: Asset, seconds: number): Promise<string> {
    const get = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: asset.key,
      VersionId: asset.versionId,
      ResponseContentDisposition: contentDisposition(nameToSave(asset.fileName)),
      ResponseContentType: asset.type.length > LONGEST_TYPE ? UNKNOWN_TYPE : asset.type,
      ResponseCacheControl: 'no-store',
    });
    return callService(PORT, () => getSignedUrl(this.#client, get, { expiresIn: seconds }));
  }
}

/** Without these, the SDK adds a checksum header to what it signs, and a plain GET of the URL is refused. */
export const s3Settings = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

function isArchived({ StorageClass, ArchiveStatus, Restore }: HeadObjectCommandOutput): boolean {
  const archived = ARCHIVE_CLASSES.has(StorageClass ?? '') || ArchiveStatus !== undefined;
  return archived && !(Restore ?? '').includes('ongoing-request="false"');
}

function assetOf(name: AssetName, key: string, facts: HeadObjectCommandOutput): Asset {
  const wholeObject = facts.ChecksumType !== 'COMPOSITE';
  return {
    name,
    key,
    fileName: fileNameOf(name),
    versionId: facts.VersionId ?? 'null',
    type: facts.ContentType ?? UNKNOWN_TYPE,
    size: facts.ContentLength ?? 0,
    ...(facts.ChecksumSHA256 &&
      wholeObject && { sha256: Buffer.from(facts.ChecksumSHA256, 'base64').toString('hex') }),
  };
}
