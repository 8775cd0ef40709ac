package dev.rekindle.orchestrator.function;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.node.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/** Unpacks a function's zip, and refuses one that would reach out of its directory. */
final class CodeArchive {
  /** More entries than any honest package; bounds the work and the inodes. */
  private static final int MAX_ENTRIES = 100_000;

  /** What Linux's file systems take. */
  private static final int MAX_NAME_BYTES = 255;

  /** Leaves room for the data directory's own path below Linux's limit of 4096 bytes. */
  private static final int MAX_PATH_CHARACTERS = 1_000;

  private final byte[] zip;
  private final long maxUnpackedBytes;

  CodeArchive(byte[] zip, long maxUnpackedBytes) {
    this.zip = zip;
    this.maxUnpackedBytes = maxUnpackedBytes;
  }

  /**
   * Unpacks into an existing, empty directory.
   *
   * @return the digest of what is there then: paths, which are executable, and bytes; in hex.
   *     Times, order and compression of the zip leave no mark in it.
   * @throws ServiceException if the zip is none, too large or unsafe; the directory may then hold
   *     part of it
   */
  String unpack(Path directory) throws IOException {
    SortedMap<String, byte[]> content = new TreeMap<>(Map.of("/", new byte[0]));
    try (ZipFile file = open()) {
      long budget = maxUnpackedBytes;
      int entries = 0;
      Enumeration<ZipArchiveEntry> all = file.getEntries();
      while (all.hasMoreElements()) {
        if (++entries > MAX_ENTRIES) {
          throw tooLarge("it has more than " + MAX_ENTRIES + " entries");
        }
        ZipArchiveEntry entry = all.nextElement();
        Path target = safeTarget(directory, entry);
        try {
          Files.createDirectories(entry.isDirectory() ? target : target.getParent());
        } catch (FileAlreadyExistsException e) {
          throw unsafe(entry.getName(), "is a file and a directory at once");
        }
        if (!entry.isDirectory()) {
          MessageDigest digest = Sha256.begin();
          budget = write(file, entry, target, budget, digest);
          content.put(directory.relativize(target).toString(), digest.digest());
        }
        Path folder = directory.relativize(entry.isDirectory() ? target : target.getParent());
        boolean known = false; // so are those above it then
        for (int parts = folder.getNameCount(); parts > 0 && !known; parts--) {
          known = content.put(folder.subpath(0, parts) + "/", new byte[0]) != null;
        }
        if (content.size() > MAX_ENTRIES) {
          throw tooLarge("it has more than " + MAX_ENTRIES + " files and directories");
        }
      }
      if (entries == 0) {
        throw new ServiceException(ProblemCode.CODE_NOT_ZIP, "The zip is empty.");
      }
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ProblemCode.CODE_NOT_ZIP, "The zip is damaged: " + e.getMessage());
    }
    return digestOf(content);
  }

  /** Each path ends with a zero, which none contains, and each file's digest is of one length. */
  private static String digestOf(SortedMap<String, byte[]> content) {
    MessageDigest all = Sha256.begin();
    content.forEach(
        (path, digest) -> {
          all.update(path.getBytes(StandardCharsets.UTF_8));
          all.update((byte) 0);
          all.update(digest);
        });
    return HexFormat.of().formatHex(all.digest());
  }

  /** The zip lies in memory: what cannot be read of it is not for want of a disk. */
  private ZipFile open() {
    try {
      return ZipFile.builder()
          .setSeekableByteChannel(new SeekableInMemoryByteChannel(zip))
          .setUseUnicodeExtraFields(true)
          .get();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ServiceException(
          ProblemCode.CODE_NOT_ZIP, "The code cannot be read as a zip: " + cause.getMessage());
    }
  }

  private static Path safeTarget(Path directory, ZipArchiveEntry entry) {
    String name = entry.getName();
    if (entry.isUnixSymlink()) {
      throw unsafe(name, "is a link");
    }
    if (name.isEmpty() || name.startsWith("/") || name.indexOf('\\') >= 0 || name.indexOf(0) >= 0) {
      throw unsafe(name, "is not a relative path");
    }
    if (name.length() > MAX_PATH_CHARACTERS) {
      throw unsafe(name.substring(0, 80) + "…", "has a path that is too long");
    }
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        throw unsafe(name, "climbs out with '..'");
      }
      if (part.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
        throw unsafe(name, "has a name of more than " + MAX_NAME_BYTES + " bytes");
      }
    }
    Path target = directory.resolve(name).normalize();
    if (!target.startsWith(directory)) {
      throw unsafe(name, "leaves the function's directory");
    }
    return target;
  }

  private static ServiceException unsafe(String name, String problem) {
    return new ServiceException(
        ProblemCode.CODE_UNSAFE_PATH, "The zip's entry '%s' %s.".formatted(name, problem));
  }

  private ServiceException tooLarge(String problem) {
    return new ServiceException(
        ProblemCode.CODE_TOO_LARGE,
        "The zip is too large: %s. The limit is %d bytes unpacked."
            .formatted(problem, maxUnpackedBytes));
  }

  /** The zip lies in memory: what fails here is the zip, not a disk. */
  private static int read(InputStream in, ZipArchiveEntry entry, byte[] buffer) {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw damaged(entry, String.valueOf(e.getMessage()));
    }
  }

  private static ServiceException damaged(ZipArchiveEntry entry, String how) {
    return new ServiceException(
        ProblemCode.CODE_NOT_ZIP,
        "The zip's entry '%s' is damaged: %s.".formatted(entry.getName(), how));
  }

  /** Counts what really comes out: sizes written in a zip may lie. */
  private long write(
      ZipFile file, ZipArchiveEntry entry, Path target, long budget, MessageDigest digest)
      throws IOException {
    if (!file.canReadEntryData(entry)) {
      throw new ServiceException(
          ProblemCode.CODE_NOT_ZIP,
          "The zip's entry '%s' is encrypted or compressed in an unknown way."
              .formatted(entry.getName()));
    }
    try (InputStream in = file.getInputStream(entry);
        OutputStream out = Files.newOutputStream(target)) {
      CRC32 crc = new CRC32();
      byte[] buffer = new byte[64 << 10];
      for (int n = read(in, entry, buffer); n >= 0; n = read(in, entry, buffer)) {
        budget -= n;
        if (budget < 0) {
          throw tooLarge("its files are larger than that");
        }
        crc.update(buffer, 0, n);
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
      if (entry.getCrc() != crc.getValue()) {
        throw damaged(entry, "its checksum differs");
      }
    } catch (java.nio.file.FileSystemException e) {
      if (Files.isDirectory(target)) {
        throw unsafe(entry.getName(), "is a file and a directory at once");
      }
      throw e;
    }
    boolean executable = (entry.getUnixMode() & 0111) != 0;
    digest.update((byte) (executable ? 1 : 0));
    Files.setPosixFilePermissions(
        target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    return budget;
  }
}
