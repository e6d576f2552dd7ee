import type { NetworkShape } from './network-drawing.ts';

const FUNCTIONS = { name: 'Functions', created: 'by the stack' } as const;
const SERVICES = { name: 'Tables, KMS, SES', created: 'by the stack' } as const;
const BUCKET = { name: 'Private bucket', created: 'by the stack' } as const;
const RECIPIENT = { name: 'Recipient', created: 'by others' } as const;

/** The drawings of docs/networks/, by file name. */
export const networkShapes: Readonly<Record<string, NetworkShape>> = {
  public: {
    title: 'The public network: recipients reach the API and the bucket at their AWS host names',
    boxes: [
      { ...RECIPIENT, at: [0, 0] },
      { name: 'API Gateway', note: 'execute-api', at: [1, 0], created: 'by the stack' },
      { ...BUCKET, note: 'presigned URL, 30 s', at: [1, 1] },
      { ...FUNCTIONS, at: [2, 0] },
      { ...SERVICES, at: [3, 0] },
    ],
    arrows: [
      { from: 'Recipient', to: 'API Gateway', label: 'link' },
      { from: 'API Gateway', to: 'Functions', label: '' },
      { from: 'Functions', to: 'Tables, KMS, SES', label: '' },
      { from: 'Recipient', to: 'Private bucket', label: 'redirect', file: 'travels here' },
    ],
  },
  'own-host-names': {
    title: 'Your own host names: one for the API, one for downloads',
    boxes: [
      { ...RECIPIENT, at: [0, 0] },
      { name: 'apiDomain', note: 'custom domain name', at: [1, 0], created: 'by the stack' },
      { name: 'downloadDomain', note: 'CloudFront, no cache', at: [1, 1], created: 'by the stack' },
      { ...FUNCTIONS, note: 'behind API Gateway', at: [2, 0] },
      { ...BUCKET, note: 'checks the signature', at: [2, 1] },
      { ...SERVICES, at: [3, 0] },
    ],
    arrows: [
      { from: 'Recipient', to: 'apiDomain', label: 'link' },
      { from: 'apiDomain', to: 'Functions', label: '' },
      { from: 'Functions', to: 'Tables, KMS, SES', label: '' },
      { from: 'Recipient', to: 'downloadDomain', label: 'redirect', file: 'travels here' },
      { from: 'downloadDomain', to: 'Private bucket', label: 'same query', file: 'travels here' },
    ],
  },
  'reverse-proxy': {
    title: 'Your own reverse proxy transfers the files',
    boxes: [
      { ...RECIPIENT, at: [0, 0] },
      { name: 'nginx or Caddy', note: 'holds the secret', at: [1, 0], created: 'by others' },
      { name: 'API Gateway', note: 'execute-api', at: [2, 0], created: 'by the stack' },
      { ...BUCKET, note: 'presigned URL, 30 s', at: [2, 1] },
      { ...FUNCTIONS, at: [3, 0] },
      { ...SERVICES, at: [3, 1] },
    ],
    arrows: [
      { from: 'Recipient', to: 'nginx or Caddy', label: 'link', file: 'travels here' },
      { from: 'nginx or Caddy', to: 'API Gateway', label: 'with the secret' },
      { from: 'API Gateway', to: 'Functions', label: '' },
      { from: 'Functions', to: 'Tables, KMS, SES', label: '' },
      { from: 'nginx or Caddy', to: 'Private bucket', label: 'X-Accel', file: 'travels here' },
    ],
  },
  private: {
    title: 'A private network: nothing can be reached from the internet',
    frames: [{ name: 'VPC without internet access', from: [1, 0], to: [2, 2] }],
    boxes: [
      { name: 'Recipient', note: 'in the VPC, or by VPN', at: [0, 0], created: 'by others' },
      { name: 'API endpoint', note: 'execute-api', at: [1, 0], created: 'by the stack' },
      { name: 'S3 endpoint', note: 'checks role and action', at: [1, 2], created: 'by the stack' },
      { ...FUNCTIONS, note: 'in isolated subnets', at: [2, 0] },
      { name: 'Other endpoints', note: 'one for each service', at: [2, 1], created: 'by the stack' },
      { ...BUCKET, note: 'through endpoints only', at: [3, 2] },
      { ...SERVICES, at: [3, 1] },
    ],
    arrows: [
      { from: 'Recipient', to: 'API endpoint', label: 'link' },
      { from: 'API endpoint', to: 'Functions', label: 'private API' },
      { from: 'Functions', to: 'Other endpoints', label: 'HTTPS only' },
      { from: 'Other endpoints', to: 'Tables, KMS, SES', label: '' },
      { from: 'Recipient', to: 'S3 endpoint', label: 'redirect', file: 'travels here' },
      { from: 'S3 endpoint', to: 'Private bucket', label: '', file: 'travels here' },
    ],
  },
};
