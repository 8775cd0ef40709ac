package dev.rekindle.api;

/** The values that a policy's parameter can have, in one form so that equal values are equal. */
final class ParameterValue {
  private ParameterValue() {}

  /**
   * The value as a {@code Long}, {@code Double}, {@code String} or {@code Boolean}.
   *
   * @throws InvalidFieldException if it is none of them
   */
  static Object plain(String field, Object value) {
    if (value instanceof String || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    throw new InvalidFieldException(
        field,
        "is not a number, string or boolean",
        "Send one of these; GET /v1/policies says which.");
  }
}
