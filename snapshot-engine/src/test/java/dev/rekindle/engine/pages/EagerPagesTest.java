package dev.rekindle.engine.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import dev.rekindle.engine.criu.images.PagemapEntry;
import dev.rekindle.engine.criu.images.PagemapHead;
import dev.rekindle.engine.image.ImageFile;
import dev.rekindle.engine.image.PageRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What CRIU reads by itself is named, and nothing else. */
class EagerPagesTest {
  private static final long PAGE = PageRun.PAGE;
  private static final int NOW = PageRun.PRESENT;
  private static final int LATER = PageRun.PRESENT | PageRun.LAZY;

  @TempDir Path snapshot;
  private Path images;

  @BeforeEach
  void makeImages() throws IOException {
    images = Files.createDirectory(snapshot.resolve("images"));
  }

  private void pagemap(String name, int pagesId, long pages, int... flags) throws IOException {
    List<MessageLite> messages = new ArrayList<>();
    messages.add(PagemapHead.newBuilder().setPagesId(pagesId).build());
    for (int i = 0; i < flags.length; i++) {
      messages.add(
          PagemapEntry.newBuilder()
              .setVaddr((1L + i) * 100 * PAGE)
              .setCompatNrPages((int) pages)
              .setNrPages(pages)
              .setFlags(flags[i])
              .build());
    }
    ImageFile.write(images.resolve(name), ImageFile.PAGEMAP, messages);
    try (var file =
        new RandomAccessFile(images.resolve("pages-" + pagesId + ".img").toFile(), "rw")) {
      file.setLength(flags.length * pages * PAGE);
    }
  }

  @Test
  void of_lazyAndEagerRuns_namesTheEagerOnes() throws IOException {
    pagemap("pagemap-300.img", 1, 10, LATER, NOW, LATER, LATER, NOW);

    assertThat(EagerPages.of(snapshot).ranges())
        .containsExactly(
            new WorkingSet.Range(1, 10 * PAGE, 10 * PAGE),
            new WorkingSet.Range(1, 40 * PAGE, 10 * PAGE));
  }

  @Test
  void of_sharedMemory_namesAllOfIt() throws IOException {
    pagemap("pagemap-shmem-77.img", 2, 3, LATER, NOW);

    assertThat(EagerPages.of(snapshot).ranges())
        .containsExactly(new WorkingSet.Range(2, 0, 6 * PAGE));
  }

  @Test
  void of_pagesFileCutShort_isRefused() throws IOException {
    pagemap("pagemap-300.img", 1, 10, LATER, NOW);
    try (var file = new RandomAccessFile(images.resolve("pages-1.img").toFile(), "rw")) {
      file.setLength(19 * PAGE);
    }

    assertThatThrownBy(() -> EagerPages.of(snapshot))
        .isInstanceOf(PageSourceException.class)
        .hasMessageContaining("does not fit");
  }

  @Test
  void of_imageDamaged_isRefused() throws IOException {
    Files.write(images.resolve("pagemap-300.img"), new byte[] {1, 2, 3});

    assertThatThrownBy(() -> EagerPages.of(snapshot)).isInstanceOf(PageSourceException.class);
  }
}
