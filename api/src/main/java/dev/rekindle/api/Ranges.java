package dev.rekindle.api;

/** The checks that settings share. */
final class Ranges {
  private Ranges() {}

  static void check(String field, int value, int minimum, int maximum, String unit) {
    if (value < minimum || value > maximum) {
      throw new InvalidFieldException(
          field,
          "is " + value + ", which is out of range",
          "Send a whole number of " + unit + " from " + minimum + " to " + maximum + ".");
    }
  }

  static void checkText(String field, String value, int maximumLength, String example) {
    if (value.isBlank()
        || value.length() > maximumLength
        || value.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidFieldException(
          field,
          "is blank, too long or holds control characters",
          "Send 1 to " + maximumLength + " characters, such as \"" + example + "\".");
    }
  }
}
