package dev.rekindle.api;

import java.util.regex.Pattern;

/**
 * The name of a function.
 *
 * @param value 1 to 63 letters, digits, dashes and underscores, the first a letter or digit
 */
public record FunctionName(String value) {
  /** What a name looks like. */
  public static final String PATTERN = "[A-Za-z0-9][A-Za-z0-9_-]{0,62}";

  private static final Pattern COMPILED = Pattern.compile(PATTERN);

  /**
   * Checks the name.
   *
   * @throws InvalidFieldException if it is not one
   */
  public FunctionName {
    if (!COMPILED.matcher(value).matches()) {
      throw new InvalidFieldException(
          "name",
          "is not a function name",
          "Use 1 to 63 letters, digits, '-' and '_', and start with a letter or digit.");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
