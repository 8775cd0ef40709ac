package dev.rekindle.orchestrator.function;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Json;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.orchestrator.node.ServiceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Functions on disk: {@code NAME/VERSION/} holds a version's code, {@code NAME/function.json} says
 * which version is in force, {@code NAME/policy-state.json.gz} what its policies have learnt. Both
 * files are replaced in one step, so that a crash leaves the old one or the new one. Blocking; one
 * writer at a time for each name.
 */
public final class FunctionStore {
  private static final Logger LOG = System.getLogger(FunctionStore.class.getName());
  private static final String RECORD = "function.json";
  private static final String POLICY_STATE = "policy-state.json.gz";
  private static final String CODE = "code";

  private final Path directory;
  private final long maxUnpackedBytes;
  private final InstantSource clock;

  /** A store in a directory that exists. */
  public FunctionStore(Path directory, long maxUnpackedBytes, InstantSource clock) {
    this.directory = directory;
    this.maxUnpackedBytes = maxUnpackedBytes;
    this.clock = clock;
  }

  /**
   * What {@link #RECORD} holds.
   *
   * @param contentSha256 the digest of the unpacked code; null in records of earlier builds
   */
  record Entry(
      int version,
      FunctionSettings settings,
      long codeBytes,
      String codeSha256,
      @Nullable String contentSha256,
      Instant createdAt,
      Instant updatedAt) {
    Entry {
      // A damaged record may lack any of them.
      Objects.requireNonNull(settings, "settings");
      Objects.requireNonNull(codeSha256, "codeSha256");
      Objects.requireNonNull(createdAt, "createdAt");
      Objects.requireNonNull(updatedAt, "updatedAt");
    }
  }

  /** Reads all functions, and removes what a crash left half-written. */
  public List<DeployedFunction> load() throws IOException {
    Files.createDirectories(directory);
    List<DeployedFunction> functions = new ArrayList<>();
    for (Path home : children(directory)) {
      try {
        Entry entry =
            Json.mapper().readValue(Files.readAllBytes(home.resolve(RECORD)), Entry.class);
        if (entry == null) {
          throw new IOException("the record holds null");
        }
        functions.add(function(home, entry));
        for (Path other : children(home)) {
          String name = other.getFileName().toString();
          if (!List.of(RECORD, POLICY_STATE, Integer.toString(entry.version())).contains(name)) {
            delete(other);
          }
        }
      } catch (NoSuchFileException e) {
        delete(home);
      } catch (IOException e) {
        LOG.log(
            Logger.Level.ERROR,
            "event=function-unreadable path={0} error={1}",
            home,
            e.getMessage());
      }
    }
    return functions;
  }

  /** Keeps a new version; the old one's code stays until {@link #discard}. */
  public DeployedFunction deploy(
      String name, FunctionSettings settings, byte[] zip, @Nullable DeployedFunction previous) {
    Path home = directory.resolve(name);
    int version = previous == null ? 1 : previous.version() + 1;
    Path target = home.resolve(Integer.toString(version));
    try {
      delete(target);
      Files.createDirectories(target.resolve(CODE));
      String content = new CodeArchive(zip, maxUnpackedBytes).unpack(target.resolve(CODE));
      Instant now = clock.instant();
      Entry entry =
          new Entry(
              version,
              settings,
              zip.length,
              Sha256.of(zip),
              content,
              previous == null ? now : previous.createdAt(),
              now);
      write(home, entry);
      return function(home, entry);
    } catch (IOException e) {
      cleanUp(previous == null ? home : target);
      throw storage("The function could not be stored", e);
    } catch (RuntimeException e) {
      cleanUp(previous == null ? home : target);
      throw e;
    }
  }

  /** Replaces the settings of the version in force. */
  public void update(DeployedFunction function) {
    Path home = directory.resolve(function.name());
    try {
      write(
          home,
          new Entry(
              function.version(),
              function.settings(),
              function.codeBytes(),
              function.codeSha256(),
              function.contentSha256(),
              function.createdAt(),
              function.updatedAt()));
    } catch (IOException e) {
      throw storage("The function's settings could not be stored", e);
    }
  }

  /** Where what a function's policies have learnt is kept. */
  public Path policyState(String name) {
    return directory.resolve(name).resolve(POLICY_STATE);
  }

  /** Keeps what a function's policies have learnt; fails if there is no such function. */
  public void writePolicyState(String name, byte[] bytes) throws IOException {
    replace(policyState(name), bytes, false);
  }

  /** Removes a function with all its versions. */
  public void delete(String name) {
    Path home = directory.resolve(name);
    try {
      // The record goes first: without it the rest is a leftover to the next start.
      Files.deleteIfExists(home.resolve(RECORD));
      delete(home);
    } catch (IOException e) {
      throw storage("The function could not be removed", e);
    }
  }

  /** Removes the code of a version that is no longer in force. */
  public void discard(DeployedFunction old) {
    cleanUp(directory.resolve(old.name()).resolve(Integer.toString(old.version())));
  }

  private static DeployedFunction function(Path home, Entry entry) {
    String name = home.getFileName().toString();
    String content = entry.contentSha256();
    return new DeployedFunction(
        name,
        entry.version(),
        entry.settings(),
        home.resolve(Integer.toString(entry.version())).resolve(CODE),
        entry.codeBytes(),
        entry.codeSha256(),
        content,
        FunctionIdentity.of(name, entry.settings(), content == null ? entry.codeSha256() : content),
        entry.createdAt(),
        entry.updatedAt());
  }

  private static void write(Path home, Entry entry) throws IOException {
    replace(home.resolve(RECORD), Json.mapper().writeValueAsBytes(entry), true);
  }

  private static void replace(Path file, byte[] bytes, boolean lasting) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.write(fresh, bytes);
    if (lasting) {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static ServiceException storage(String what, IOException e) {
    String reason = String.valueOf(e.getMessage());
    boolean full = reason.contains("No space left") || reason.contains("quota");
    return new ServiceException(
        full ? ProblemCode.NO_SPACE : ProblemCode.STORE_UNAVAILABLE, what + ": " + reason);
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }

  /** Removes a directory and all below it. */
  public static void deleteTree(Path path) {
    cleanUp(path);
  }

  private static void cleanUp(Path path) {
    try {
      delete(path);
    } catch (IOException e) {
      LOG.log(Logger.Level.WARNING, "event=file-left path={0} error={1}", path, e.getMessage());
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
