/** An expected outcome that may fail: failures are values, so that the compiler asks for their handling. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** The successful outcome. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** The failed outcome. */
export const fail = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });
