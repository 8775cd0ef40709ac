package dev.rekindle.engine.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import dev.rekindle.engine.criu.images.PagemapEntry;
import dev.rekindle.engine.criu.images.PagemapHead;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageLayoutTest {
  private static final long PAGE = PageLayout.PAGE_BYTES;
  private static final int LAZY = 6;
  private static final int EAGER = 4;

  @TempDir Path directory;

  private static PagemapEntry entry(long page, int pages, int flags) {
    return PagemapEntry.newBuilder()
        .setVaddr(page * PAGE)
        .setCompatNrPages(pages)
        .setNrPages(pages)
        .setFlags(flags)
        .build();
  }

  private Path image(MessageLite... messages) throws IOException {
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    image.write(word(0x54564319));
    image.write(word(0x56084025));
    for (MessageLite message : messages) {
      image.write(word(message.getSerializedSize()));
      message.writeTo(image);
    }
    Path file = directory.resolve("pagemap-7.img");
    Files.write(file, image.toByteArray());
    return file;
  }

  private static byte[] word(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private static PagemapHead head() {
    return PagemapHead.newBuilder().setPagesId(3).build();
  }

  @Test
  void read_eagerPages_takeRoomInTheImageOnly() throws IOException {
    image(head(), entry(10, 2, LAZY), entry(12, 5, EAGER), entry(40, 3, LAZY));
    PageLayout layout = PageLayout.read(directory, 7);
    assertThat(layout.pagesId()).isEqualTo(3);
    assertThat(layout.pages()).isEqualTo(5);
    PendingPages pending = layout.pending();
    assertThat(pending.ranges()).isEqualTo(2);
    assertThat(pending.offset(1, 41 * PAGE)).isEqualTo(8 * PAGE);
    assertThat(pending.find(12 * PAGE)).isEqualTo(-1);
    assertThat(layout.rangeAtOffset(2 * PAGE)).isEqualTo(-1);
    assertThat(layout.addressOf(layout.rangeAtOffset(9 * PAGE), 9 * PAGE)).isEqualTo(42 * PAGE);
  }

  @Test
  void read_overlappingOrChainedEntries_areRefused() throws IOException {
    image(head(), entry(10, 4, LAZY), entry(13, 2, LAZY));
    assertDamaged();
    image(head(), entry(10, 4, 1));
    assertDamaged();
    image(head(), entry(10, -1, LAZY).toBuilder().setNrPages(-1).build());
    assertDamaged();
  }

  @Test
  void read_missingFile_isRefused() {
    assertThatThrownBy(() -> PageLayout.read(directory, 99))
        .isInstanceOfSatisfying(
            PageSourceException.class,
            e -> assertThat(e.kind()).isEqualTo(PageSourceException.Cause.MISSING));
  }

  /** No damage may get past with anything but the one exception. */
  @Test
  void read_damagedBytes_failOnlyInTheKnownWay() throws IOException {
    Path file = image(head(), entry(10, 2, LAZY), entry(12, 5, EAGER), entry(40, 3, LAZY));
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(5);
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] bad =
          Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
      for (int i = 0; i < 3 && bad.length > 0; i++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      Files.write(file, bad);
      try {
        PageLayout.read(directory, 7);
      } catch (PageSourceException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(500);
  }

  private void assertDamaged() {
    assertThatThrownBy(() -> PageLayout.read(directory, 7))
        .isInstanceOfSatisfying(
            PageSourceException.class,
            e -> assertThat(e.kind()).isEqualTo(PageSourceException.Cause.DAMAGED));
  }
}
