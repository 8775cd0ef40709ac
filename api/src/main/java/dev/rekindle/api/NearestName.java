package dev.rekindle.api;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a mistyped one was probably meant to be. */
public final class NearestName {
  // A longer name is quoted in full nowhere and is no typing error; it also bounds the work.
  private static final int LONGEST_NAME = 64;

  private NearestName() {}

  /**
   * The known name with the fewest edits from the given one, ignoring case.
   *
   * @return empty if all are so far that the guess would only confuse: more than a third of the
   *     letters, and more than two edits
   */
  public static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST_NAME) {
      return Optional.empty();
    }
    int limit = Math.max(2, name.length() / 3);
    return known.stream()
        .filter(candidate -> edits(name, candidate) <= limit)
        .min(Comparator.comparingInt(candidate -> edits(name, candidate)));
  }

  /** The Levenshtein distance. */
  private static int edits(String given, String wanted) {
    String left = given.toLowerCase(Locale.ROOT);
    String right = wanted.toLowerCase(Locale.ROOT);
    int[] above = new int[right.length() + 1];
    for (int j = 0; j < above.length; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] row = new int[above.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replace = above[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[right.length()];
  }
}
