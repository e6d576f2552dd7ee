/** What happened to an object, by the names of S3's event notifications. */
export interface ObjectEvent {
  readonly type:
    | 'ObjectCreated:Put'
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
  /** Bytes; only of what was created. */
  readonly size?: number;
  /** Without quotes; only of what was created. */
  readonly etag?: string;
}
