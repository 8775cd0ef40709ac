package dev.rekindle.store.local;

import dev.rekindle.store.io.ContentDigest;
import dev.rekindle.store.io.FileStamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The stamps that a snapshot's files had when they were last verified, kept beside them: so the
 * first restore after a restart of the service need not read the whole snapshot again. Holds for
 * one boot of the machine: a crash of that may have cost bytes without a trace.
 */
final class StampRecord {
  private static final String HEADER = "rekindle-stamps 1";
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int NUMBERS = 8;

  private final Path file;

  StampRecord(Path file) {
    this.file = file;
  }

  /** Writes the stamps, by file name. */
  void write(Map<String, FileStamp> stamps) throws IOException {
    var text = new StringBuilder(HEADER).append('\n').append(bootId()).append('\n');
    new TreeMap<>(stamps).forEach((name, stamp) -> append(text, name, stamp));
    byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
    text.append("sha256 ").append(ContentDigest.of(body)).append('\n');
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    // Not synced: a lost or torn record costs time only.
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void append(StringBuilder text, String name, FileStamp s) {
    Instant modified = s.modified();
    Instant changed = s.changed();
    text.append(
        "%d %d %d %d %d %d %d %d %s%n"
            .formatted(
                s.device(),
                s.inode(),
                s.bytes(),
                s.mode(),
                modified.getEpochSecond(),
                modified.getNano(),
                changed.getEpochSecond(),
                changed.getNano(),
                name));
  }

  /** The stamps, if there are sound ones of this boot; a reason to verify if not. */
  Optional<Map<String, FileStamp>> read() {
    try {
      String text = Files.readString(file);
      int end = text.lastIndexOf("sha256 ");
      if (end < 0) {
        return Optional.empty();
      }
      String body = text.substring(0, end);
      String sum = "sha256 " + ContentDigest.of(body.getBytes(StandardCharsets.UTF_8)) + "\n";
      List<String> lines = body.lines().toList();
      if (!text.substring(end).equals(sum)
          || lines.size() < 2
          || !lines.get(0).equals(HEADER)
          || !lines.get(1).equals(bootId())) {
        return Optional.empty();
      }
      Map<String, FileStamp> stamps = new HashMap<>();
      for (String line : lines.subList(2, lines.size())) {
        String[] part = line.split(" ", NUMBERS + 1);
        stamps.put(part[NUMBERS], stamp(part));
      }
      return Optional.of(stamps);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty(); // unreadable: then the files are read
    }
  }

  private static FileStamp stamp(String[] part) {
    return new FileStamp(
        Long.parseLong(part[0]),
        Long.parseLong(part[1]),
        Long.parseLong(part[2]),
        Integer.parseInt(part[3]),
        Instant.ofEpochSecond(Long.parseLong(part[4]), Long.parseLong(part[5])),
        Instant.ofEpochSecond(Long.parseLong(part[6]), Long.parseLong(part[7])));
  }

  private static String bootId() throws IOException {
    return Files.readString(BOOT_ID).strip();
  }
}
