/** A change to an object. The types have the names that S3 uses in its event notifications. */
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
  /** In bytes. Absent unless an object was created. */
  readonly size?: number;
  /** Without quotes. Absent unless an object was created. */
  readonly etag?: string;
}
