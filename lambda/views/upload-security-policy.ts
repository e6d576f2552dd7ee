import type { Brand } from './brand.ts';
import { policyWith } from './security-policy.ts';
import { uploadScript } from './upload-script.ts';
import { uploadStyle } from './upload-style.ts';

/** Returns the Content-Security-Policy of the upload page: its script calls the API, and sends files to the bucket. */
export function uploadPageSecurityPolicy(filesOrigin: string, brand: Brand): string {
  return policyWith(filesOrigin, brand, {
    styles: [uploadStyle],
    scripts: [uploadScript],
    directives: [`connect-src 'self' ${new URL(filesOrigin).origin}`],
  });
}
