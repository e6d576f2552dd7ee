import { ListObjectVersionsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** The file that is offered from the first start. */
export const SAMPLE_NAME = 'welcome.pdf';

/** Key prefix of public files. */
export const OFFERED_PREFIX = 'gated/';

const LINES = [
  ['Helvetica-Bold', 24, 'It worked.'],
  ['Helvetica', 12, 'This file was in a private bucket. You proved your e-mail address and got one link.'],
  ['Helvetica', 12, 'The link could be redeemed exactly once. You just did.'],
  ['Helvetica', 12, 'Try the same link again. It will tell you when this file was downloaded.'],
] as const;

/** Returns a page of PDF 1.4 (ISO 32000-1, section 7.5). */
function samplePdf(): Buffer {
  const text = LINES.map(([font, size, line], index) => {
    const name = font === 'Helvetica-Bold' ? '/F1' : '/F2';
    return `BT ${name} ${size} Tf 72 ${740 - index * 28} Td (${line}) Tj ET`;
  }).join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R ' +
      '/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let document = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = document.length;
    document += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return Buffer.from(
    `${document}xref\n0 ${size}\n0000000000 65535 f \n${table}` +
      `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${document.length}\n%%EOF\n`,
    'latin1',
  );
}

/** Offers the sample file if no file was ever offered, so a removed sample does not come back. */
export async function offerSample(s3: S3Client, Bucket: string): Promise<void> {
  const listed = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: OFFERED_PREFIX, MaxKeys: 1 }));
  if ((listed.Versions ?? []).length + (listed.DeleteMarkers ?? []).length > 0) return;
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: `${OFFERED_PREFIX}${SAMPLE_NAME}`,
      Body: samplePdf(),
      ContentType: 'application/pdf',
      ChecksumAlgorithm: 'SHA256',
    }),
  );
}
