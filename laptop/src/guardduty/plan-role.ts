import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectTaggingCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { AccessKey } from '../access-keys.ts';
import { NULL_VERSION } from '../s3/object-record.ts';
import type { TaggingFailure } from './scan-events.ts';
import type { ScannedObject, Verdict } from './scan-result.ts';

/** GuardDuty's calls to S3, made with a plan's role. They are subject to IAM and the bucket policy. */
export interface PlanRole {
  /**
   * Opens the bytes of an object.
   *
   * @throws S3's error
   */
  open(object: ScannedObject): Promise<Readable>;
  /** Tags an object with the verdict, and keeps its other tags. Resolves to the failure if S3 rejects the tag. */
  tag(object: ScannedObject, verdict: Verdict): Promise<TaggingFailure | undefined>;
  destroy(): void;
}

const TAG = 'GuardDutyMalwareScanStatus';

/** Returns whether S3 denied a request, or KMS denied S3's request for the key. */
export const isDenied = (error: unknown): boolean => hasStatus(error, 403);

/** Returns whether the object has been deleted. */
export const isMissing = (error: unknown): boolean => hasStatus(error, 404);

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;

export function openPlanRole(
  s3Service: { readonly endpoint: string; readonly region: string; readonly credentials: AccessKey },
  abortSignal: AbortSignal,
): PlanRole {
  const s3 = new S3Client({
    ...s3Service,
    forcePathStyle: true,
    maxAttempts: 1,
    // The checksum cannot be verified if the scan stops reading early.
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    open: async (object) => {
      const { Body } = await s3.send(new GetObjectCommand(addressOf(object)), { abortSignal });
      return Body as Readable;
    },
    tag: async (object, verdict) => {
      const address = addressOf(object);
      try {
        const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand(address), { abortSignal });
        const others = TagSet.filter(({ Key }) => Key !== TAG);
        const Tagging = { TagSet: [...others, { Key: TAG, Value: verdict }] };
        await s3.send(new PutObjectTaggingCommand({ ...address, Tagging }), { abortSignal });
        return undefined;
      } catch (error) {
        if (!(error instanceof S3ServiceException)) throw error;
        return error.name === 'BadRequest' ? 'MAX_TAG_LIMIT_EXCEEDED' : 'ACCESS_DENIED';
      }
    },
    destroy: () => s3.destroy(),
  };
}

const addressOf = ({ bucket, key, versionId }: ScannedObject) => ({
  Bucket: bucket,
  Key: key,
  ...(versionId === NULL_VERSION ? {} : { VersionId: versionId }),
});
