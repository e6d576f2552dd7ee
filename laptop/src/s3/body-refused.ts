import type { S3Failure } from './failures.ts';

/** Carries a refusal out of a stream, where it cannot be returned; caught where the stream is started. */
export class BodyRefused extends Error {
  readonly failure: S3Failure;

  constructor(failure: S3Failure) {
    super(failure.message);
    this.failure = failure;
  }
}
