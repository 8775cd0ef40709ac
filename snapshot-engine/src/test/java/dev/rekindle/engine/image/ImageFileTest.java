package dev.rekindle.engine.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.engine.TestEngine;
import dev.rekindle.engine.criu.images.FileEntry;
import dev.rekindle.engine.criu.images.Mm;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads images of a real dump, whole and damaged. */
class ImageFileTest {
  /** Every damage is made from this seed, so that a failure can be seen again. */
  private static final long SEED = 42;

  @TempDir static Path snapshot;
  private static Path images;
  private static int pid;

  @TempDir Path scratch;

  @BeforeAll
  static void dump() throws Exception {
    try (SnapshotEngine engine = TestEngine.open();
        Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      pid = TestEngine.boot(sandbox, "import json");
      engine.checkpoint(sandbox, pid, snapshot, false);
    }
    images = snapshot.resolve(MappedRewrite.IMAGES);
  }

  @Test
  void images_writtenAgain_sameMessages() throws Exception {
    Path files = scratch.resolve("files.img");
    List<FileEntry> entries =
        ImageFile.open(images.resolve("files.img"), ImageFile.FILES).rest(FileEntry.parser());
    ImageFile.write(files, ImageFile.FILES, entries);
    assertThat(files).hasSize(Files.size(images.resolve("files.img")));
    assertThat(ImageFile.open(files, ImageFile.FILES).rest(FileEntry.parser())).isEqualTo(entries);
    assertThat(entries).isNotEmpty();
  }

  @Test
  void pagemap_writtenAgain_sameBytes() throws Exception {
    Pagemap pagemap = Pagemap.read(images, pid);
    pagemap.write(scratch, pid);
    String name = "pagemap-" + pid + ".img";
    assertThat(scratch.resolve(name)).hasSameBinaryContentAs(images.resolve(name));
  }

  @Test
  void mappedImages_holdNothingButStacks() throws Exception {
    Path mapped = snapshot.resolve(MappedRewrite.MAPPED);
    assertThat(Files.size(mapped.resolve("pages-1.img"))).isLessThan(1 << 20);
    assertThat(Files.size(images.resolve("pages-1.img"))).isGreaterThan(3 << 20);
  }

  @Test
  void open_truncated_isRefused() throws Exception {
    byte[] whole = Files.readAllBytes(images.resolve("mm-" + pid + ".img"));
    Path cut = scratch.resolve("mm.img");
    for (int length = 0; length < whole.length; length += 1 + length / 50) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ImageFile.open(cut, ImageFile.MM).next(Mm.parser()))
          .isInstanceOf(ImageException.class);
    }
  }

  @Test
  void open_anotherKind_isRefused() {
    assertThatThrownBy(() -> ImageFile.open(images.resolve("files.img"), ImageFile.MM))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("files.img");
  }

  @Test
  void read_pagesFileTooShort_isRefused() throws Exception {
    copyImages();
    Path pages = scratch.resolve("pages-1.img");
    Files.write(pages, Arrays.copyOf(Files.readAllBytes(pages), PageRun.PAGE));
    assertThatThrownBy(() -> Pagemap.read(scratch, pid)).isInstanceOf(ImageException.class);
  }

  @Test
  void rewrite_flippedBits_endsAndNeverFailsOtherwise() throws Exception {
    Random random = new Random(SEED);
    List<String> names =
        List.of("mm-" + pid + ".img", "pagemap-" + pid + ".img", "files.img", "seccomp.img");
    for (int i = 0; i < 60; i++) {
      copyImages();
      Path victim = scratch.resolve(names.get(i % names.size()));
      byte[] bytes = Files.readAllBytes(victim);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
      Files.write(victim, bytes);
      Path home = scratch.resolveSibling("flipped" + i);
      Files.createDirectory(home);
      Files.move(scratch, home.resolve(MappedRewrite.IMAGES));
      Files.createDirectory(scratch);
      try {
        new MappedRewrite(home, path -> Path.of(path)).run();
      } catch (IOException e) {
        assertThat(e).hasMessageNotContaining("null");
      } finally {
        SandboxDirectories.deleteTree(home);
      }
    }
  }

  private void copyImages() throws IOException {
    try (Stream<Path> list = Files.list(images)) {
      for (Path path : list.toList()) {
        Files.copy(
            path,
            scratch.resolve(path.getFileName()),
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
