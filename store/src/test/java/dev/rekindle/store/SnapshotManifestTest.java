package dev.rekindle.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a manifest refuses to say. */
class SnapshotManifestTest {
  private static final String SHA256 = "0123456789abcdef".repeat(4);

  private static SnapshotManifest manifest(int formatVersion, String id, StoredFile... files) {
    return new SnapshotManifest(
        formatVersion, id, Instant.EPOCH, Map.of(), Map.of(), List.of(files));
  }

  private static StoredFile file(String name) {
    return new StoredFile(name, 1, 0644, SHA256);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "..a", "a..", ".a/b.", "...", "core-1.img", "a b"})
  void file_relativeName_isTaken(String name) {
    assertThatCode(() -> file(name)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "a/./b", "a\0b", "a\nb",
        "ä", "..\n"
      })
  void file_unsafeName_isRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> file(name));
  }

  @Test
  void file_outOfRange_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new StoredFile("a", -1, 0644, SHA256));
    assertThatIllegalArgumentException().isThrownBy(() -> new StoredFile("a", 0, 010000, SHA256));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StoredFile("a", 0, 0644, SHA256.toUpperCase(Locale.ROOT)));
    assertThatIllegalArgumentException().isThrownBy(() -> file("a".repeat(513)));
  }

  @Test
  void manifest_sameNameTwice_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> manifest(1, "a", file("x"), file("x")));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, SnapshotManifest.FORMAT_VERSION + 1})
  void manifest_unknownFormat_isRefused(int formatVersion) {
    assertThatIllegalArgumentException().isThrownBy(() -> manifest(formatVersion, "a"));
  }

  @Test
  void isValidId_longest_is63() {
    assertThat(SnapshotManifest.isValidId("a".repeat(63))).isTrue();
    assertThat(SnapshotManifest.isValidId("a".repeat(64))).isFalse();
  }

  @Test
  void manifest_mapChangedAfterwards_staysTheSame() {
    var labels = new HashMap<>(Map.of("function", "f"));
    var manifest = new SnapshotManifest(1, "a", Instant.EPOCH, labels, Map.of(), List.of());
    labels.clear();
    assertThat(manifest.labels()).containsEntry("function", "f");
  }
}
