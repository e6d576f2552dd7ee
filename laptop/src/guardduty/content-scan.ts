import { Archive } from './archive.ts';
import type { Lost, ScanResult } from './scan-result.ts';
import { TextSearch } from './text-search.ts';

/** The standard antivirus test file. Split in two, so that no scanner reports this source file. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

/**
 * Lines that set the verdict on the file that contains them, so that users and tests can choose a verdict. No line sets
 * "clean", because that could hide a threat.
 */
const MARKERS: Readonly<Record<string, ScanResult | Lost>> = {
  'LOCAL-MODE-SCAN: UNSUPPORTED': { verdict: 'UNSUPPORTED' },
  'LOCAL-MODE-SCAN: ACCESS_DENIED': { verdict: 'ACCESS_DENIED' },
  'LOCAL-MODE-SCAN: FAILED': { verdict: 'FAILED' },
  'LOCAL-MODE-SCAN: NEVER': 'never',
};

const TEXTS = [EICAR, ...Object.keys(MARKERS)];

/** Searches bytes for the EICAR test file and the markers, including inside ZIP archives. */
export async function scanContent(bytes: AsyncIterable<Uint8Array>): Promise<ScanResult | Lost> {
  const outside = new TextSearch(TEXTS);
  let inside = { file: -1, search: outside };
  const found = new Set<string>();
  const archive = new Archive((file, piece) => {
    if (file !== inside.file) inside = { file, search: new TextSearch(TEXTS) };
    inside.search.push(piece);
    for (const text of inside.search.found) found.add(text);
  });
  for await (const piece of bytes) {
    outside.push(piece);
    archive.push(piece);
  }
  for (const text of outside.found) found.add(text);

  const marker = Object.entries(MARKERS).find(([line]) => found.has(line));
  if (marker !== undefined) return marker[1];
  if (found.has(EICAR)) return { verdict: 'THREATS_FOUND', threats: ['EICAR-Test-File (not a virus)'] };
  switch (archive.problem) {
    case 'encrypted':
      return { verdict: 'UNSUPPORTED', reasons: ['PASSWORD_PROTECTED'] };
    case 'extreme-compression':
      return { verdict: 'UNSUPPORTED' };
    case undefined:
      return { verdict: 'NO_THREATS_FOUND' };
  }
}
