import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import { callService } from './service-fault.ts';

/**
 * Derives a 32-byte key from an AWS KMS key of spec HMAC_256. `GenerateMac` of a label is deterministic, so the derived
 * key need not be stored (AWS KMS Developer Guide, "HMAC keys in AWS KMS").
 */
export async function deriveKey(
  client: Pick<KMSClient, 'send'>,
  keyId: string,
  label: string,
): Promise<Uint8Array> {
  const { Mac } = await callService('kms', () =>
    client.send(
      new GenerateMacCommand({
        KeyId: keyId,
        MacAlgorithm: 'HMAC_SHA_256',
        Message: Buffer.from(label, 'utf8'),
      }),
    ),
  );
  if (Mac?.length !== 32) throw new Error('KMS gave no MAC of 32 bytes');
  return Mac;
}
