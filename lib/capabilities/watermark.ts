import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { REDEEMED_RECEIPT } from '../permissions/tables.ts';
import { STREAMING, streaming, streamRoutes } from './redemption.ts';

/** Memory of functions that stamp, in MB: enough for the sandbox (lambda/entry/stampers.ts), the file, and its copy. */
export const STAMP_MEMORY_MB = 2048;

const functions = {
  watermark: { ...STREAMING, memoryMb: STAMP_MEMORY_MB },
} satisfies FunctionTable;

/** Files under lambda/ that are deployed with the bundle of a function that stamps. */
export const STAMPER = [
  'entry/stamper.ts',
  'fonts/latin-greek-cyrillic.ttf',
  'fonts/chinese-japanese.ttf',
  'fonts/korean.ttf',
] as const;

/** Redeems tokens for copies of PDFs with the recipient's name stamped on each page. */
export const watermark: Capability<typeof functions> = {
  name: 'watermark',
  when: ({ watermarks }) => watermarks === 'on',
  functions,
  routes: streamRoutes('watermark'),
  deploy: (parts): DeploymentOf<typeof functions> => ({
    functions: {
      watermark: {
        ...streaming(parts, { receipt: [...REDEEMED_RECEIPT, 'originalSha256', 'stampedSha256'] }),
        beside: STAMPER,
      },
    },
  }),
};
