package dev.rekindle.engine.pages;

import dev.rekindle.engine.criu.images.Mm;
import dev.rekindle.engine.criu.images.Vma;
import dev.rekindle.engine.image.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Areas that a forked child sees as zeros (MADV_WIPEONFORK), from CRIU's {@code mm-<pid>.img}.
 * Cryptographic libraries learn by such a page that they were forked. The kernel does not tell the
 * page server that it wiped them.
 */
record WipedAreas(List<Vma> areas) {
  /** The bit of CRIU's madv field: 1 shifted by the advice's number. */
  private static final long WIPE_ON_FORK = 1L << 18;

  /** Reads the areas of a task; none if the image is missing, which CRIU itself will refuse. */
  static WipedAreas read(Path images, int pid) throws IOException {
    ByteBuffer image;
    try {
      image = ByteBuffer.wrap(Files.readAllBytes(images.resolve("mm-" + pid + ".img")));
    } catch (NoSuchFileException e) {
      return new WipedAreas(List.of());
    }
    image.order(ByteOrder.LITTLE_ENDIAN);
    if (image.remaining() < 12
        || image.getInt() != ImageFile.COMMON
        || image.getInt() != ImageFile.MM
        || image.getInt() != image.remaining()) {
      throw new PageSourceException(
          PageSourceException.Cause.DAMAGED,
          "mm-%d.img in %s is damaged: remove the snapshot".formatted(pid, images));
    }
    return new WipedAreas(
        Mm.parseFrom(image).getVmasList().stream()
            .filter(area -> (area.getMadv() & WIPE_ON_FORK) != 0)
            .toList());
  }

  /** Takes the areas out of a child's account. */
  void removeFrom(PendingPages child) {
    for (int i = 0; i < areas.size(); i++) {
      child.remove(areas.get(i).getStart(), areas.get(i).getEnd());
    }
  }
}
