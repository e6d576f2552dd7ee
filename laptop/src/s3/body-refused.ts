import type { S3Failure } from './failures.ts';

/** Carries a refusal out of a stream, which cannot return one. The code that starts the stream catches it. */
export class BodyRefused extends Error {
  readonly failure: S3Failure;

  constructor(failure: S3Failure) {
    super(failure.message);
    this.failure = failure;
  }
}
