package dev.rekindle.engine;

import dev.rekindle.engine.criu.images.FileEntry;
import dev.rekindle.engine.criu.images.RegularFile;
import dev.rekindle.engine.criu.images.RemappedFile;
import dev.rekindle.engine.image.ImageFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The files below /tmp and /dev/shm that a dumped function holds: open, or mapped. */
final class OpenScratchFiles {
  private static final int FILE_TYPE = 0170000;
  private static final int REGULAR = 0100000;

  private final List<FileEntry> files;
  private final List<RemappedFile> remapped;

  private OpenScratchFiles(List<FileEntry> files, List<RemappedFile> remapped) {
    this.files = files;
    this.remapped = remapped;
  }

  /**
   * Reads a dump.
   *
   * @throws ImageException if it is damaged
   */
  static OpenScratchFiles read(Path images) throws IOException {
    Path remaps = images.resolve("remap-fpath.img");
    return new OpenScratchFiles(
        ImageFile.open(images.resolve("files.img"), ImageFile.FILES).rest(FileEntry.parser()),
        Files.exists(remaps)
            ? ImageFile.open(remaps, ImageFile.REMAPPED_FILES).rest(RemappedFile.parser())
            : List.of());
  }

  /**
   * Whether one of them can be opened again by a name: then the function may compare the two, and
   * the file's identity matters. Files without any name are known by their descriptors only.
   */
  boolean identityMatters() {
    Set<Integer> nameless =
        remapped.stream()
            .filter(file -> file.getRemapType() == RemappedFile.Type.GHOST)
            .map(RemappedFile::getOrigId)
            .collect(Collectors.toSet());
    return files.stream()
        .filter(FileEntry::hasReg)
        .filter(file -> !nameless.contains(file.getId()))
        .map(FileEntry::getReg)
        .anyMatch(file -> isScratch(file) && (file.getMode() & FILE_TYPE) == REGULAR);
  }

  /**
   * The names that CRIU gave to files which have lost the name that they were opened by, but not
   * all. The function's own files may have names of the same form.
   */
  List<String> linkRemaps() {
    Map<Integer, RegularFile> byId =
        files.stream()
            .filter(FileEntry::hasReg)
            .collect(
                Collectors.toMap(FileEntry::getId, FileEntry::getReg, (first, second) -> first));
    return remapped.stream()
        .filter(file -> file.getRemapType() == RemappedFile.Type.LINKED)
        .map(file -> byId.get(file.getRemapId()))
        .filter(Objects::nonNull)
        .filter(OpenScratchFiles::isScratch)
        .map(RegularFile::getName)
        .toList();
  }

  private static boolean isScratch(RegularFile file) {
    return ScratchFiles.PLACES.stream()
        .anyMatch(place -> file.getName().startsWith("/" + place + "/"));
  }
}
