import { idleMonth, money, sum } from '../../bench/idle-month.ts';
import { PRICES } from '../../bench/prices.ts';
import { synthesized } from './synthesized.ts';

const certificate = (region: string) =>
  `arn:aws:acm:${region}:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef`;

/** The network shapes by page name, each with typical options, the path of downloads, and its price per byte. */
const shapes = {
  public: { options: {}, way: 'from S3 to the internet', byte: PRICES.transferByte },
  'own-host-names': {
    options: {
      apiDomain: 'files.example.org',
      apiCertificateArn: certificate('us-east-1'),
      downloadDomain: 'downloads.example.org',
      downloadCertificateArn: certificate('us-east-1'),
    },
    way: 'from CloudFront to the internet, in North America or Europe',
    byte: PRICES.cloudFrontByte,
  },
  'reverse-proxy': {
    options: {
      proxyOrigin: 'https://files.example.org',
      proxySecretSha256: 'a1'.repeat(32),
      delivery: 'proxy',
    },
    way: 'from S3 to a proxy outside AWS',
    byte: PRICES.transferByte,
  },
  private: {
    options: { network: 'private', networkCidrs: ['10.0.0.0/8'] },
    way: 'through the interface endpoint of S3',
    byte: PRICES.endpointByte,
  },
} as const;

/** The name of a page in docs/networks/ that describes one network shape. */
export type NetworkPage = keyof typeof shapes;

export const networkPages = Object.keys(shapes) as NetworkPage[];

/**
 * Returns, as Markdown, what a network shape costs in an idle month, calculated from its template, and what a gigabyte
 * of downloads costs.
 */
export function networkCosts(page: NetworkPage): string {
  const { options, way, byte } = shapes[page];
  const bill = idleMonth(Object.values(synthesized(options)));
  return [
    '| In an idle month | Dollars |',
    '| --- | ---: |',
    ...Object.entries(bill).map(([what, dollars]) => `| ${what} | ${money(dollars)} |`),
    `| **Sum** | **${money(sum(Object.values(bill)))}** |`,
    '',
    `Each gigabyte of downloads costs $${(byte * 1e9).toFixed(3)} ${way}. These are list prices of us-east-1, as of 2026-11-28.`,
  ].join('\n');
}
