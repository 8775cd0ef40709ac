package dev.rekindle.engine.image;

import com.google.protobuf.MessageLite;
import dev.rekindle.engine.criu.images.FileEntry;
import dev.rekindle.engine.criu.images.FileOwner;
import dev.rekindle.engine.criu.images.RegularFile;
import dev.rekindle.engine.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes a finished dump fit for a mapped restore.
 *
 * <p>The pages files in {@code images} are laid out anew, so that each stretch of private memory
 * lies in its pages file without a break; eager and lazy restores read them as before. Beside it, a
 * directory {@code mapped} describes the same processes with these stretches as private mappings of
 * the pages files: nothing but stacks and the like is left to be copied.
 */
public final class MappedRewrite {
  /** The directory of the images. */
  public static final String IMAGES = "images";

  /** The directory of the images that map their pages files. */
  public static final String MAPPED = "mapped";

  /** CRIU's number for regular files (images/fdinfo.proto). */
  private static final int REGULAR_FILE = 1;

  private static final int S_IFREG = 0100000;
  private static final int READ_ONLY_MODE = 0444;

  private final Path images;
  private final Path mapped;
  private final Function<String, Path> files;

  /**
   * A rewrite of the snapshot in a directory.
   *
   * @param files finds a file of the dumped function by its absolute path there
   */
  public MappedRewrite(Path snapshot, Function<String, Path> files) {
    this.images = snapshot.resolve(IMAGES);
    this.mapped = snapshot.resolve(MAPPED);
    this.files = files;
  }

  /**
   * Does it.
   *
   * @throws ImageException if the dump is damaged
   */
  public void run() throws IOException {
    List<FileEntry> entries =
        ImageFile.open(images.resolve("files.img"), ImageFile.FILES)
            .rest(FileEntry.parser())
            .stream()
            .map(TimerFiles::relative)
            .toList();
    ImageFile.write(images.resolve("files.img"), ImageFile.FILES, List.copyOf(entries));
    Map<Integer, RegularFile> known =
        entries.stream()
            .filter(entry -> entry.getType() == REGULAR_FILE && entry.hasReg())
            .collect(
                Collectors.toMap(FileEntry::getId, FileEntry::getReg, (first, second) -> first));
    int nextId = entries.stream().mapToInt(FileEntry::getId).max().orElse(0) + 1;
    Files.createDirectory(mapped);
    MemoryMap memoryMap = new MemoryMap();
    SeccompChain.clean(images);
    List<MessageLite> added = new ArrayList<>(entries);
    for (int pid : pids()) {
      TaskRewrite task = new TaskRewrite(images, mapped, pid, nextId, known, files, memoryMap);
      if (task.run()) {
        added.add(entry(nextId, task.pagesFile(), task.template()));
        nextId++;
      }
    }
    ImageFile.write(mapped.resolve("files.img"), ImageFile.FILES, added);
    memoryMap.write(mapped);
    linkTheRest();
  }

  /** The tasks that have memory: all but zombies. */
  private List<Integer> pids() throws IOException {
    try (Stream<Path> list = Files.list(images)) {
      return list.map(path -> path.getFileName().toString())
          .filter(name -> name.matches("mm-\\d{1,9}\\.img"))
          .map(name -> Integer.valueOf(name.substring(3, name.length() - 4)))
          .sorted()
          .toList();
    }
  }

  private FileEntry entry(int id, String pagesFile, RegularFile template) throws IOException {
    RegularFile.Builder file =
        RegularFile.newBuilder()
            .setId(id)
            .setFlags(0)
            .setPos(0)
            .setFown(
                FileOwner.newBuilder().setUid(0).setEuid(0).setSignum(0).setPidType(0).setPid(0))
            .setName(Sandbox.SNAPSHOT + "/" + IMAGES + "/" + pagesFile)
            .setSize(Files.size(images.resolve(pagesFile)))
            .setMode(S_IFREG | READ_ONLY_MODE);
    if (template.hasMntId()) {
      file.setMntId(template.getMntId());
    }
    return FileEntry.newBuilder().setType(REGULAR_FILE).setId(id).setReg(file).build();
  }

  /** All images that need no change are the same files in both directories. */
  private void linkTheRest() throws IOException {
    try (Stream<Path> list = Files.list(images)) {
      for (Path path : list.toList()) {
        Path link = mapped.resolve(path.getFileName());
        if (Files.exists(link)) {
          continue;
        }
        try {
          Files.createLink(link, path);
        } catch (UnsupportedOperationException e) {
          Files.copy(path, link);
        }
      }
    }
  }
}
