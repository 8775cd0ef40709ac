package dev.rekindle.engine.pages;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The pages of a snapshot whose images are files on this host: mapped, never read. */
final class LocalPages implements PageSource {
  private static final Pattern NAME = Pattern.compile("pages-(\\d{1,6})\\.img");

  /** By pages id. */
  private long[] addresses = new long[8];

  private long[] sizes = new long[8];

  private LocalPages() {}

  /**
   * Maps all pages images of a directory.
   *
   * @throws PageSourceException if one cannot be mapped
   */
  static LocalPages open(Path images) {
    LocalPages pages = new LocalPages();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(images, "pages-*.img")) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          pages.map(Integer.parseInt(name.group(1)), file);
        }
      }
      return pages;
    } catch (IOException e) {
      pages.close();
      throw new PageSourceException(
          PageSourceException.Cause.MISSING, "no pages images in " + images + ": " + e);
    } catch (RuntimeException e) {
      pages.close();
      throw e;
    }
  }

  private void map(int pagesId, Path file) throws IOException {
    long bytes = Files.size(file);
    if (bytes == 0) {
      return;
    }
    int fd = LinuxCalls.openForReading(file);
    long address = fd < 0 ? fd : LinuxCalls.mapReadOnly(fd, bytes);
    if (fd >= 0) {
      LinuxCalls.close(fd);
    }
    if (address < 0) {
      throw new PageSourceException(
          PageSourceException.Cause.MISSING,
          "%s cannot be mapped: errno %d".formatted(file, -address));
    }
    if (pagesId >= addresses.length) {
      addresses = Arrays.copyOf(addresses, pagesId + 8);
      sizes = Arrays.copyOf(sizes, pagesId + 8);
    }
    addresses[pagesId] = address;
    sizes[pagesId] = bytes;
  }

  @Override
  public long locate(int pagesId, long offset, long bytes, Runnable ready) {
    if (pagesId < 0
        || pagesId >= sizes.length
        || offset < 0
        || offset > sizes[pagesId] - bytes
        || addresses[pagesId] == 0) {
      throw new PageSourceException(
          PageSourceException.Cause.DAMAGED,
          "pages-%d.img has no bytes %d to %d: the snapshot is cut short, remove it"
              .formatted(pagesId, offset, offset + bytes));
    }
    return addresses[pagesId] + offset;
  }

  @Override
  public void close() {
    for (int i = 0; i < addresses.length; i++) {
      if (addresses[i] != 0) {
        LinuxCalls.unmap(addresses[i], sizes[i]);
        addresses[i] = 0;
        sizes[i] = 0;
      }
    }
  }
}
