import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
  type Tag,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { HttpRequest } from '@smithy/core/protocols';
import { type AssetName, fileNameOf, isObject, isPrivate, keyOf } from '../domain/asset-name.ts';
import { Unavailable } from '../domain/errors.ts';
import type { RedemptionId } from '../domain/ids.ts';
import type { FileStore, OpenFile } from '../domain/ports.ts';
import type { Asset } from '../domain/records.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { dispositionOf } from './attachment.ts';
import { atOrigin, type HandingOut } from './download-origin.ts';
import { type Body, resumedBody } from './resumed-body.ts';
import { callService, errorName } from './service-fault.ts';

const PORT = 'file store';

const UNKNOWN_TYPE = 'application/octet-stream';

/** Longest media type, in characters; limited for the same reason as the file name (attachment.ts). */
const LONGEST_TYPE = 100;

/** Storage classes whose objects must be restored first (Amazon S3 User Guide, "Working with archived objects"). */
const ARCHIVE_CLASSES = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/**
 * Query parameter with the ID of the redemption that fetches a file. S3 ignores query parameters that begin with `x-`,
 * and writes them to the server access log.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html#LogFormatCustom
 */
const REDEMPTION_PARAMETER = 'x-redemption-id';

/** Reads files from the private bucket, and presigns their URLs. Its clients must be created with `s3Settings`. */
export class S3FileStore implements FileStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #signer: S3Client;
  readonly #origin: string | undefined;
  readonly #watermarkTag: Tag | undefined;

  /**
   * @param settings `watermarkTag` is the tag of private files that must be delivered with a watermark. @default - no
   *   tag is read
   */
  constructor(
    client: S3Client,
    bucket: string,
    { signer = client, origin, watermarkTag }: HandingOut & { readonly watermarkTag?: Tag | undefined } = {},
  ) {
    this.#client = client;
    this.#bucket = bucket;
    this.#signer = signer;
    this.#origin = origin;
    this.#watermarkTag = watermarkTag;
  }

  async head(name: AssetName): Promise<Result<Asset, 'missing' | 'archived'>> {
    const key = keyOf(name);
    try {
      const facts = await callService(PORT, () =>
        this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key, ChecksumMode: 'ENABLED' })),
      );
      if (isArchived(facts)) return fail('archived');
      const asset = assetOf(name, key, facts);
      return ok((await this.#isTagged(asset)) ? { ...asset, watermark: true } : asset);
    } catch (error) {
      if (errorName(error) === 'NotFound' || errorName(error) === 'NoSuchKey') return fail('missing');
      throw error;
    }
  }

  async open(
    name: AssetName,
    redemptionId?: RedemptionId,
  ): Promise<Result<OpenFile, 'missing' | 'archived'>> {
    return await this.#open(name, {}, redemptionId);
  }

  async openVersion(
    { name, versionId }: Asset,
    redemptionId: RedemptionId,
  ): Promise<Result<OpenFile, 'missing' | 'archived'>> {
    return await this.#open(name, { VersionId: versionId }, redemptionId);
  }

  async #open(
    name: AssetName,
    version: Pick<GetObjectCommandInput, 'VersionId'>,
    redemptionId: RedemptionId | undefined,
  ): Promise<Result<OpenFile, 'missing' | 'archived'>> {
    const key = keyOf(name);
    try {
      const { body, facts } = await this.#get({ Key: key, ...version }, redemptionId);
      const asset = assetOf(name, key, facts);
      const { versionId: VersionId, size } = asset;
      const rest = async (fromByte: number) =>
        (await this.#get({ Key: key, VersionId, Range: `bytes=${fromByte}-` }, redemptionId)).body;
      const headers = { type: typeToSend(asset), disposition: dispositionOf(asset.fileName) };
      return ok({ asset, ...headers, ...resumedBody(body, size, rest) });
    } catch (error) {
      if (errorName(error) === 'NoSuchKey' || errorName(error) === 'NoSuchVersion') return fail('missing');
      if (errorName(error) === 'InvalidObjectState') return fail('archived');
      throw error;
    }
  }

  async presign(asset: Asset, redemptionId: RedemptionId, seconds: number): Promise<string> {
    const get = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: asset.key,
      VersionId: asset.versionId,
      ResponseContentDisposition: dispositionOf(asset.fileName),
      ResponseContentType: typeToSend(asset),
      ResponseCacheControl: 'no-store',
    });
    const url = await callService(PORT, () =>
      getSignedUrl(this.#signer, naming(redemptionId, get), { expiresIn: seconds }),
    );
    return atOrigin(this.#origin, url);
  }

  /**
   * Returns whether a private file has the watermark tag. Public files are not secret, and uploads are tagged only by
   * the scanner and by a release.
   */
  async #isTagged({ name, key, versionId: VersionId }: Asset): Promise<boolean> {
    const wanted = this.#watermarkTag;
    if (wanted === undefined || !isPrivate(name) || isObject(name)) return false;
    const tagging = new GetObjectTaggingCommand({ Bucket: this.#bucket, Key: key, VersionId });
    const { TagSet = [] } = await callService(PORT, () => this.#client.send(tagging));
    return TagSet.some(({ Key, Value }) => Key === wanted.Key && Value === wanted.Value);
  }

  async #get(
    which: Pick<GetObjectCommandInput, 'Key' | 'VersionId' | 'Range'>,
    redemptionId: RedemptionId | undefined,
  ): Promise<{ readonly body: Body; readonly facts: GetObjectCommandOutput }> {
    const get = new GetObjectCommand({ Bucket: this.#bucket, ...which });
    const facts = await callService(PORT, () =>
      this.#client.send(redemptionId === undefined ? get : naming(redemptionId, get)),
    );
    if (facts.Body === undefined) throw new Unavailable(PORT, 'the response has no body');
    return { body: facts.Body as Body, facts };
  }
}

/** Adds the redemption ID to a request before it is signed. */
function naming(redemptionId: RedemptionId, get: GetObjectCommand): GetObjectCommand {
  get.middlewareStack.add(
    (next) => (args) => {
      if (HttpRequest.isInstance(args.request)) args.request.query[REDEMPTION_PARAMETER] = redemptionId;
      return next(args);
    },
    { step: 'build', name: 'nameRedemption' },
  );
  return get;
}

/**
 * Settings that keep the SDK from adding a checksum header to signed requests. If such a header were signed, S3 would
 * refuse a plain GET of the URL.
 */
export const s3Settings = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

function typeToSend({ type }: Asset): string {
  return type.length > LONGEST_TYPE ? UNKNOWN_TYPE : type;
}

function isArchived({ StorageClass, ArchiveStatus, Restore }: HeadObjectCommandOutput): boolean {
  const archived = ARCHIVE_CLASSES.has(StorageClass ?? '') || ArchiveStatus !== undefined;
  return archived && !(Restore ?? '').includes('ongoing-request="false"');
}

function assetOf(
  name: AssetName,
  key: string,
  facts: HeadObjectCommandOutput | GetObjectCommandOutput,
): Asset {
  const wholeObject = facts.ChecksumType !== 'COMPOSITE';
  return {
    name,
    key,
    fileName: isObject(name) ? declaredName(facts.Metadata) : fileNameOf(name),
    versionId: facts.VersionId ?? 'null',
    type: facts.ContentType ?? UNKNOWN_TYPE,
    size: facts.ContentLength ?? 0,
    ...(facts.ChecksumSHA256 &&
      wholeObject && { sha256: Buffer.from(facts.ChecksumSHA256, 'base64').toString('hex') }),
  };
}

/** Returns the declared file name of an upload (s3-upload-requests.ts), without quotes, like {@link fileNameOf}. */
function declaredName(metadata: HeadObjectCommandOutput['Metadata']): string {
  return decodeURIComponent(metadata?.['file-name'] ?? '').replaceAll('"', '') || 'file';
}
