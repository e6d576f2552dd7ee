import * as z from 'zod/mini';
import { type AssetName, parseAssetName } from '../domain/asset-name.ts';
import type { EmailAddress } from '../domain/ids.ts';
import { type ProofDependencies, whenProven } from '../domain/proof-of-work.ts';
import { requestLink } from '../domain/request-link.ts';
import { parseEmailAddress } from '../http/address.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { check, parsed } from '../http/check.ts';
import { answerPreflight, createSharing } from '../http/cross-origin.ts';
import { languageOf } from '../http/language.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { countedSource } from '../http/source.ts';
import { accepted, type PublicRequestDependencies, readCounted } from './public-request.ts';
import { withConstantTiming } from './with-constant-timing.ts';

/** Body of `POST /token`. */
export const tokenRequest = z.strictObject({
  email: parsed(parseEmailAddress),
  asset: parsed(parseAssetName),
  /** Proof of work; empty if the form was sent without one. */
  proof: z.optional(z.string().check(z.maxLength(2048))),
});

export interface MintDependencies extends PublicRequestDependencies {
  readonly isDisposable: (address: EmailAddress) => boolean;
  /** Origins whose pages are allowed to call `POST /token` from a form or script, and to read its response. */
  readonly allowedOrigins: readonly string[];
  /** Absent if requests never need a proof of work. */
  readonly proofs?: Pick<ProofDependencies, 'policy' | 'challenges'> | undefined;
}

/**
 * Creates the handler of `POST /token`, which mails a link to a file and never returns a token. `OPTIONS /token` tells
 * browsers whether a page on another site is allowed to send that request.
 */
export function createMintHandler(deps: MintDependencies) {
  const refuse = createRefusal(deps);
  const domain = { ...deps, report: deps.telemetry.report };

  async function mint(request: ApiRequest): Promise<Reply> {
    const body = await readCounted(deps, request, deps.allowedOrigins);
    if (!body.ok) return refuse(request, body.error);
    const fields = check(tokenRequest, body.value, 'body');
    if (!fields.ok) return refuse(request, fields.error, { asset: assetIn(body.value) });
    const { email: address, asset, proof } = fields.value;
    if (deps.isDisposable(address)) return refuse(request, { code: 'disposable_address' }, { asset });
    const source = countedSource(request.sourceAddress);
    const language = languageOf(request);
    const link = () =>
      withConstantTiming(deps, () => requestLink(domain, { address, asset, language, source }));
    const requested =
      deps.proofs === undefined
        ? await link()
        : await whenProven({ ...deps, ...deps.proofs }, { asset, proof, source }, link);
    if (requested.ok) return accepted(deps, request, { ...requested.value, asset });
    // If the file does not exist, the error page links to an empty form, where another name can be entered.
    const nextStep = requested.error.code === 'asset_not_found' ? {} : { asset };
    return refuse(request, requested.error, nextStep);
  }

  const share = createSharing(deps.allowedOrigins);
  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: (request, refusal) => share(request, refuse(request, refusal)),
    proxySecretSha256: deps.proxySecretSha256,
    routes: {
      'POST /token': async (request) => share(request, await mint(request)),
      'OPTIONS /token': async (request) => share(request, await answerPreflight()),
    },
  });
}

/** Returns the requested file if its name is valid, even if other fields are not. */
function assetIn({ asset }: Readonly<Record<string, unknown>>): AssetName | undefined {
  return typeof asset === 'string' ? parseAssetName(asset) : undefined;
}
