import type { Brand } from './brand.ts';
import { proofScript } from './proof-script.ts';
import { policyWith } from './security-policy.ts';

/**
 * Returns the Content-Security-Policy of a form whose requests may need a proof of work. The form's script fetches a
 * challenge from the API.
 */
export function provenFormSecurityPolicy(filesOrigin: string, brand: Brand): string {
  return policyWith(filesOrigin, brand, {
    styles: [],
    scripts: [proofScript],
    directives: ["connect-src 'self'"],
  });
}
