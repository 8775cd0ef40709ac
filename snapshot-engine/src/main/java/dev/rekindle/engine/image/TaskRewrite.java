package dev.rekindle.engine.image;

import dev.rekindle.engine.criu.images.Mm;
import dev.rekindle.engine.criu.images.RegularFile;
import dev.rekindle.engine.criu.images.Vma;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The part of {@link MappedRewrite} that concerns one task. */
final class TaskRewrite {
  private final Path images;
  private final Path mapped;
  private final int pid;
  private final int fileId;
  private final Map<Integer, RegularFile> known;
  private final Function<String, Path> files;
  private final MemoryMap memoryMap;
  private final Mm mm;
  private final Pagemap pagemap;

  /** Whether pages of an older snapshot were taken over. */
  private final boolean completed;

  TaskRewrite(
      Path images,
      Path mapped,
      int pid,
      int fileId,
      Map<Integer, RegularFile> known,
      Function<String, Path> files,
      MemoryMap memoryMap)
      throws IOException {
    this.images = images;
    this.mapped = mapped;
    this.pid = pid;
    this.fileId = fileId;
    this.known = known;
    this.files = files;
    this.memoryMap = memoryMap;
    Mm dumped = ImageFile.open(images.resolve(mmName()), ImageFile.MM).next(Mm.parser());
    Ancestor ancestor = new Ancestor(known, files);
    Mm.Builder complete = dumped.toBuilder().clearVmas();
    for (Vma vma : dumped.getVmasList()) {
      complete.addVmas(ancestor.pagesOf(vma) == null ? vma : ancestor.asItWas(vma));
    }
    this.mm = complete.build();
    this.pagemap = ancestor.complete(Pagemap.read(images, pid), dumped.getVmasList());
    this.completed = !mm.equals(dumped);
  }

  private String mmName() {
    return "mm-" + pid + ".img";
  }

  /** The name of the file that holds this task's pages. */
  String pagesFile() {
    return Pagemap.pagesName(pagemap.pagesId());
  }

  /** The file that the task executes. */
  RegularFile template() throws ImageException {
    RegularFile file = known.get(mm.getExeFileId());
    if (file == null) {
      throw new ImageException(mmName() + " names an executable that files.img does not have");
    }
    return file;
  }

  /** Whether anything could be mapped; if not, both directories have the same images of it. */
  boolean run() throws IOException {
    List<Cluster> clusters = clusters();
    List<PageRun> rest = without(clusters);
    if (rest.isEmpty()) {
      // CRIU does not expect a pagemap without entries. No task is without a stack, but who knows.
      clusters = List.of();
      rest = pagemap.runs();
    }
    if (clusters.isEmpty() && !completed) {
      return false;
    }
    Path old = images.resolve(pagesFile());
    Path laidOut = images.resolve(pagesFile() + ".new");
    List<Placed> placed = new ArrayList<>();
    try (FileChannel from = FileChannel.open(old);
        PagesWriter all = new PagesWriter(from, laidOut);
        PagesWriter few = new PagesWriter(from, mapped.resolve(pagesFile()))) {
      List<Object> inOrder = new ArrayList<>(clusters);
      inOrder.addAll(rest);
      inOrder.sort(Comparator.comparingLong(TaskRewrite::start));
      for (Object item : inOrder) {
        if (item instanceof Cluster cluster) {
          long position = all.append(cluster, original(cluster.area()));
          placed.add(new Placed(cluster, position));
          memoryMap.add(cluster, pagemap.pagesId(), position, fileName(cluster.area()));
        } else if (item instanceof PageRun run) {
          all.append(run);
          few.append(run);
        }
      }
      all.finish();
      few.finish();
      new Pagemap(pagemap.pagesId(), all.runs()).write(images, pid);
      new Pagemap(pagemap.pagesId(), few.runs()).write(mapped, pid);
    }
    Files.move(laidOut, old, StandardCopyOption.REPLACE_EXISTING);
    if (completed) {
      write(images, mm.getVmasList());
    }
    write(mapped, split(placed));
    return !clusters.isEmpty();
  }

  private void write(Path directory, List<Vma> areas) throws IOException {
    Mm changed = mm.toBuilder().clearVmas().addAllVmas(areas).build();
    ImageFile.write(directory.resolve(mmName()), ImageFile.MM, List.of(changed));
  }

  private List<Cluster> clusters() throws IOException {
    List<Cluster> clusters = new ArrayList<>();
    for (Vma vma : mm.getVmasList()) {
      if (Area.canBeMapped(vma, mm.getVmasList())
          && (Area.isAnonymous(vma) || original(vma) != null)) {
        clusters.addAll(Cluster.of(vma, pagemap.within(vma.getStart(), vma.getEnd())));
      }
    }
    clusters.sort(Comparator.comparingLong(Cluster::start));
    return clusters;
  }

  private record Placed(Cluster cluster, long position) {}

  private static long start(Object item) {
    return item instanceof Cluster cluster ? cluster.start() : ((PageRun) item).address();
  }

  /** The dumped pages that no cluster holds. */
  private List<PageRun> without(List<Cluster> clusters) {
    List<PageRun> rest = new ArrayList<>();
    int next = 0;
    for (PageRun run : pagemap.runs()) {
      long from = run.address();
      while (next < clusters.size() && clusters.get(next).end() <= from) {
        next++;
      }
      for (int i = next; i < clusters.size() && clusters.get(i).start() < run.end(); i++) {
        if (clusters.get(i).start() > from) {
          rest.add(run.clip(from, clusters.get(i).start()));
        }
        from = Math.max(from, clusters.get(i).end());
      }
      if (from < run.end()) {
        rest.add(run.clip(from, run.end()));
      }
    }
    return rest;
  }

  /** The task's areas, cut where clusters begin and end. */
  private List<Vma> split(List<Placed> placed) {
    List<Vma> areas = new ArrayList<>();
    for (Vma vma : mm.getVmasList()) {
      long from = vma.getStart();
      for (Placed one : placed) {
        if (!one.cluster().area().equals(vma)) {
          continue;
        }
        long start = one.cluster().start();
        long end = one.cluster().end();
        if (start > from) {
          areas.add(Area.part(vma, from, start));
        }
        areas.add(Area.mapped(vma, start, end, fileId, one.position()));
        from = end;
      }
      if (from == vma.getStart()) {
        areas.add(vma);
      } else if (from < vma.getEnd()) {
        areas.add(Area.part(vma, from, vma.getEnd()));
      }
    }
    return areas;
  }

  /** The name, in the sandbox, of the file that an area shows; null if it is anonymous. */
  private @Nullable String fileName(Vma vma) {
    RegularFile file = known.get((int) vma.getShmid());
    return Area.isAnonymous(vma) || file == null ? null : file.getName();
  }

  /**
   * The file that an area of a file shows, if it is still what it was at the dump: its size tells.
   */
  private @Nullable Path original(Vma vma) throws IOException {
    RegularFile file = known.get((int) vma.getShmid());
    String name = fileName(vma);
    if (file == null || name == null || !isSealed(name)) {
      return null;
    }
    Path path = files.apply(name);
    boolean same =
        file.hasSize() && Files.isRegularFile(path) && Files.size(path) == file.getSize();
    return same ? path : null;
  }

  /**
   * Whether a file lies where the function cannot write. Elsewhere it could have put a link to a
   * file of the host in its place, and we, who read as root, would hand it that file's bytes.
   */
  private static boolean isSealed(String name) {
    return name.startsWith("/")
        && name.indexOf('\n') < 0
        && FUNCTIONS_OWN.stream().noneMatch(name::startsWith);
  }

  /** The places in a sandbox that the function may write to. */
  private static final List<String> FUNCTIONS_OWN =
      List.of("/tmp/", "/var/tmp/", "/dev/shm/", "/run/", "/proc/");

  /** Options of files that a rewrite makes: they must not be there yet. */
  static final Set<StandardOpenOption> NEW_FILE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
}
