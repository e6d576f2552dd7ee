import {
  noteDelivery,
  type StampDependencies,
  type StreamDependencies,
  type StreamedRedemption,
  stampToken,
  streamToken,
  type ZipDependencies,
  zipToken,
} from '../domain/deliveries.ts';
import type { Refusal } from '../domain/errors.ts';
import type { Telemetry } from '../domain/ports.ts';
import type { NotRedeemed, RedeemRequest } from '../domain/redemption.ts';
import type { Result } from '../domain/result.ts';
import type { Reply } from '../http/api-handler.ts';
import type { Site } from '../http/page.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { response } from '../http/response.ts';
import { createStreamingHandler, type StreamedReply } from '../http/streaming-handler.ts';
import {
  createRedemptionRefusal,
  handedOver,
  type RefusalDependencies,
  readDirect,
  readPosted,
  wantsPart,
} from './redemption-request.ts';

export interface StreamHandlerDependencies
  extends Omit<StreamDependencies, 'report'>,
    Site,
    Pick<RefusalDependencies, 'deliveriesOff'> {
  readonly telemetry: Telemetry;
}

/**
 * Creates the handler of `POST /redeem/stream` and `GET /download/stream`, the counterparts of `/redeem` and
 * `/download` for streamed links.
 */
export function createStreamHandler(deps: StreamHandlerDependencies) {
  return createDeliveryHandler(deps, 'stream', streamToken);
}

/** Creates the handler of `POST /redeem/watermark` and `GET /download/watermark`, which send stamped copies. */
export function createWatermarkHandler(deps: StreamHandlerDependencies & Pick<StampDependencies, 'stamper'>) {
  return createDeliveryHandler(deps, 'watermark', stampToken);
}

/** Creates the handler for `POST /redeem/zip` and `GET /download/zip`, which send several files in one zip. */
export function createZipHandler(
  deps: Omit<StreamHandlerDependencies, 'files'> & Pick<ZipDependencies, 'files' | 'zipper'>,
) {
  return createDeliveryHandler(deps, 'zip', zipToken);
}

function createDeliveryHandler<Dependencies extends Omit<StreamHandlerDependencies, 'files'>>(
  deps: Dependencies,
  delivery: 'stream' | 'watermark' | 'zip',
  redeem: (
    domain: Dependencies & Pick<StreamDependencies, 'report'>,
    request: RedeemRequest,
  ) => Promise<Result<StreamedRedemption, NotRedeemed>>,
) {
  const { telemetry } = deps;
  const refuse = createRefusal(deps);
  const refuseRedemption = createRedemptionRefusal(deps);
  const domain = { ...deps, report: telemetry.report };

  const stream =
    (read: (request: ApiRequest) => Result<RedeemRequest, Refusal>) =>
    async (request: ApiRequest): Promise<Reply | StreamedReply> => {
      if (wantsPart(request)) return refuse(request, { code: 'range_refused' });
      const asked = read(request);
      if (!asked.ok) return refuse(request, asked.error);
      const redeemed = await redeem(domain, asked.value);
      if (!redeemed.ok) return await refuseRedemption(request, asked.value, redeemed.error);
      const redemption = redeemed.value;
      return {
        ...handedOver(redemption, response(200, headersOf(redemption), '')),
        bytes: redemption.file.bytes,
        abort: redemption.file.abort,
        ended: (event, bytes) => noteDelivery(domain, redemption, { event, bytes }),
      };
    };

  return createStreamingHandler({
    telemetry,
    refuse,
    proxySecretSha256: deps.proxySecretSha256,
    routes: {
      [`POST /redeem/${delivery}`]: stream(readPosted),
      [`GET /download/${delivery}`]: stream(readDirect),
    },
  });
}

/**
 * Returns the headers of a file. The file has the same origin as our pages, so browsers are told to save it, and to
 * sandbox it if they show it anyway.
 */
function headersOf({ record, file }: StreamedRedemption): Readonly<Record<string, string>> {
  // A stamped copy has a checksum of its own. Otherwise, the record's applies.
  const sha256 = file.asset.sha256 ?? record.asset.sha256;
  return {
    'Content-Type': file.type,
    'Content-Length': String(file.asset.size),
    'Content-Disposition': file.disposition,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Accept-Ranges': 'none',
    // Digest of the file, independent of any transfer encoding (RFC 9530, section 3).
    ...(sha256 !== undefined && {
      'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
    }),
  };
}
