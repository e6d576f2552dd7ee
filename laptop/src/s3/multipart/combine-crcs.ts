import type { ChecksumAlgorithm } from '../checksums.ts';

/** Generator polynomials without their highest term, in reversed bit order, as in the CRC catalog. */
const POLYNOMIALS: Readonly<Partial<Record<ChecksumAlgorithm, { bits: bigint; polynomial: bigint }>>> = {
  crc32: { bits: 32n, polynomial: 0xedb88320n },
  crc32c: { bits: 32n, polynomial: 0x82f63b78n },
  crc64nvme: { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
};

export interface PartCrc {
  readonly size: number;
  readonly digest: Buffer;
}

/**
 * Computes an object's CRC from its parts' CRCs, because reading gigabytes again would take a minute. Appending `n`
 * bytes multiplies a CRC by `x` to the power of `8n`, modulo the polynomial.
 *
 * @throws if the algorithm is not a CRC
 * @see https://github.com/madler/zlib/blob/develop/crc32.c (`crc32_combine`)
 */
export function combineCrcs(algorithm: ChecksumAlgorithm, parts: readonly PartCrc[]): Buffer {
  const crc = POLYNOMIALS[algorithm];
  if (crc === undefined) throw new Error(`${algorithm} checksums cannot be combined`);
  const { bits, polynomial } = crc;
  const times = (left: bigint, right: bigint): bigint => {
    let product = 0n;
    for (let bit = 1n << (bits - 1n), power = right; bit > 0n; bit >>= 1n) {
      if ((left & bit) !== 0n) product ^= power;
      power = (power & 1n) === 0n ? power >> 1n : (power >> 1n) ^ polynomial;
    }
    return product;
  };
  const shiftBy = (size: number): bigint => {
    let shift = 1n << (bits - 1n);
    for (let rest = size, power = 1n << (bits - 9n); rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) shift = times(shift, power);
      power = times(power, power);
    }
    return shift;
  };

  // Cached, because most parts have the same size.
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { size, digest } of parts) {
    const shift = shifts.get(size) ?? shiftBy(size);
    shifts.set(size, shift);
    whole = times(whole, shift) ^ BigInt(`0x${digest.toString('hex')}`);
  }
  return Buffer.from(whole.toString(16).padStart(Number(bits) / 4, '0'), 'hex');
}
