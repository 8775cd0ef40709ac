package dev.rekindle.engine.pages;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All that is needed to serve a snapshot's pages: the layout of each address space and the source
 * of the bytes. Shared by the instances of a snapshot, and closed after the last of them.
 */
public final class SnapshotPages {
  private static final Pattern NAME = Pattern.compile("pagemap-(\\d{1,9})\\.img");

  private final Map<Integer, PageLayout> layouts;
  private final PageSource source;
  private int users = 1;

  private SnapshotPages(Map<Integer, PageLayout> layouts, PageSource source) {
    this.layouts = layouts;
    this.source = source;
  }

  /**
   * Reads the layouts of a directory of images. The caller holds the first use of it.
   *
   * @throws PageSourceException if an image is missing or damaged; the source is then closed
   */
  static SnapshotPages open(Path images, PageSource source) {
    Map<Integer, PageLayout> layouts = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(images, "pagemap-*.img")) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          int pid = Integer.parseInt(name.group(1));
          layouts.put(pid, PageLayout.read(images, pid));
        }
      }
      return new SnapshotPages(layouts, source);
    } catch (IOException e) {
      source.close();
      throw new PageSourceException(
          PageSourceException.Cause.MISSING, "no images in " + images + ": " + e);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** The layout of a task's memory; null if the snapshot has no such task. */
  @Nullable PageLayout layout(int pid) {
    return layouts.get(pid);
  }

  /** The bytes of the pages. */
  PageSource source() {
    return source;
  }

  /** One more user; false if the last one has gone already. */
  synchronized boolean retain() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  /** Whether the last user has gone. */
  synchronized boolean isClosed() {
    return users == 0;
  }

  /** One user fewer; the last one closes the source. */
  public synchronized void release() {
    if (--users == 0) {
      source.close();
    }
  }
}
