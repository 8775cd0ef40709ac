package dev.rekindle.api;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Finds text that JSON can spell but UTF-8 cannot: half of a surrogate pair, as in {@code
 * "\ud800"}. It must not get in, since it could never be written out again.
 */
final class Unicode {
  private Unicode() {}

  /** Whether all names and strings of a tree can be written as UTF-8. */
  static boolean isWhole(JsonNode node) {
    if (node.isTextual()) {
      return isWhole(node.textValue());
    }
    if (node.isObject()) {
      return node.properties().stream().allMatch(e -> isWhole(e.getKey()) && isWhole(e.getValue()));
    }
    for (JsonNode element : node) {
      if (!isWhole(element)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 'x')) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
