/**
 * Represents an outcome that may fail in expected ways. Failures are values, so that the compiler asks for their
 * handling.
 */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** Returns the successful outcome. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** Returns the failed outcome. */
export const fail = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });
