import type { Readable } from 'node:stream';
import { findClamAv } from './clamav.ts';
import { scanContent } from './content-scan.ts';
import type { Lost, ScanResult } from './scan-result.ts';

/** The stand-in for GuardDuty's scanner. */
export interface Scanner {
  /** A description of the scanner and what it finds, for users. */
  readonly name: string;
  /**
   * Scans an object.
   *
   * @param read opens the bytes of the object. Can be called repeatedly
   */
  scan(read: () => Promise<Readable>, signal: AbortSignal): Promise<ScanResult | Lost>;
}

/**
 * Returns a scanner that looks for the EICAR test file and the markers. If ClamAV is installed, ClamAV then scans the
 * objects in which nothing was found.
 */
export async function findScanner(env: NodeJS.ProcessEnv = process.env): Promise<Scanner> {
  const clamAv = await findClamAv(env);
  return {
    name:
      clamAv === undefined
        ? 'limited to the EICAR test file; install ClamAV to find more'
        : `ClamAV (${clamAv.program})`,
    scan: async (read, signal) => {
      const result = await scanContent(await read());
      const clean = result !== 'never' && result.verdict === 'NO_THREATS_FOUND';
      return clean && clamAv !== undefined ? clamAv.scan(await read(), signal) : result;
    },
  };
}
