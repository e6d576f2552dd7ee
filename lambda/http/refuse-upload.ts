import type { Refusal } from '../domain/errors.ts';
import { isUploadProblem } from '../views/upload-page.ts';
import { preference } from './accept.ts';
import type { Reply } from './api-handler.ts';
import type { createRefusal } from './refuse.ts';
import type { ApiRequest } from './request.ts';
import { redirect } from './response.ts';
import { uploadAddress } from './upload-address.ts';

/**
 * Creates the refusal of what the holder of an upload link sends. A browser's form is sent back to the page, which says what is
 * wrong with the file; everything else gets the usual answer.
 */
export function createUploadRefusal(refuse: ReturnType<typeof createRefusal>, publicOrigin: string) {
  return (request: ApiRequest, refusal: Refusal, token: string): Reply => {
    if (preference(request) !== 'page' || !isUploadProblem(refusal.code)) return refuse(request, refusal);
    const page = `${uploadAddress(publicOrigin, token)}&problem=${refusal.code}`;
    return { response: redirect(page), outcome: refusal.code };
  };
}
