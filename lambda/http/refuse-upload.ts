import type { Refusal } from '../domain/errors.ts';
import { uploadAddress } from '../views/addresses.ts';
import { isUploadProblem } from '../views/upload-page.ts';
import { preference } from './accept.ts';
import type { Reply } from './api-handler.ts';
import type { createRefusal } from './refuse.ts';
import type { ApiRequest } from './request.ts';
import { redirect } from './response.ts';

/**
 * Creates a function that refuses requests by holders of upload links. A browser's form is redirected to the upload
 * page if that page explains the problem. Otherwise, the response is the usual one.
 */
export function createUploadRefusal(refuse: ReturnType<typeof createRefusal>, publicOrigin: string) {
  return (request: ApiRequest, refusal: Refusal, token: string): Reply => {
    if (preference(request) !== 'page' || !isUploadProblem(refusal.code)) return refuse(request, refusal);
    const page = `${uploadAddress(publicOrigin, token)}&problem=${refusal.code}`;
    return { response: redirect(page), outcome: refusal.code };
  };
}
