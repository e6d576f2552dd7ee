/** A change to an object. The names of the types are those of S3's event notifications. */
export interface ObjectEvent {
  readonly type:
    | 'ObjectCreated:Put'
    | 'ObjectCreated:Post'
    | 'ObjectCreated:Copy'
    | 'ObjectCreated:CompleteMultipartUpload'
    | 'ObjectTagging:Put'
    | 'ObjectTagging:Delete'
    | 'ObjectRemoved:Delete'
    | 'ObjectRemoved:DeleteMarkerCreated';
  readonly bucket: string;
  readonly key: string;
  /** `null` in a bucket without versioning. */
  readonly versionId: string;
  /** Size in bytes. Present only if an object was created. */
  readonly size?: number;
  /** The ETag without quotes. Present only if an object was created. */
  readonly etag?: string;
}
