import type { StorageClass } from '@aws-sdk/client-s3';
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** What can be read at once, and so be offered (Amazon S3 User Guide, "Amazon S3 storage classes"). */
export const READABLE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
] as const satisfies readonly StorageClass[];

const ARCHIVE_CLASSES: ReadonlySet<string> = new Set<StorageClass>(['GLACIER', 'DEEP_ARCHIVE']);

/** @throws InvalidArgumentError for a class that nothing can be downloaded from, and for what is none */
export function readStorageClass(text: string): StorageClass {
  const name = text.toUpperCase();
  const known = READABLE_CLASSES.find((one) => one === name);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(
    ARCHIVE_CLASSES.has(name)
      ? 'It takes hours to restore an archived file, so no link could be redeemed. GLACIER_IR can be read immediately.'
      : `Choose one of ${READABLE_CLASSES.join(', ')}.`,
  );
}
