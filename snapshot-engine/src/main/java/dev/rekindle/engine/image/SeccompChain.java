package dev.rekindle.engine.image;

import com.google.protobuf.ByteString;
import dev.rekindle.engine.criu.images.Seccomp;
import dev.rekindle.engine.criu.images.SeccompFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the adoption filter of an earlier mapped restore out of a dump: a restore brings its own,
 * and a filter of that kind without a listener makes the calls that it reports fail.
 */
final class SeccompChain {
  /** The first word and operand of the filter: BPF_LD|BPF_IMM and ADOPTION_FILTER_MARK. */
  private static final long MARK = 0x524b4441L << Integer.SIZE;

  /** One instruction: BPF_RET|BPF_K, SECCOMP_RET_ALLOW. */
  private static final long ALLOW = 0x7fff0000L << Integer.SIZE | 0x06;

  private SeccompChain() {}

  /** Rewrites seccomp.img, if there is one. */
  static void clean(Path images) throws IOException {
    Path path = images.resolve("seccomp.img");
    if (!Files.exists(path)) {
      return;
    }
    ImageFile image = ImageFile.open(path, ImageFile.SECCOMP);
    if (!image.hasNext()) {
      return;
    }
    Seccomp old = image.next(Seccomp.parser());
    List<SeccompFilter> filters = old.getSeccompFiltersList();
    if (filters.stream().noneMatch(SeccompChain::isOurs)) {
      return;
    }
    List<SeccompFilter> changed = new ArrayList<>();
    for (SeccompFilter filter : filters) {
      changed.add(clean(filter, filters));
    }
    ImageFile.write(
        path,
        ImageFile.SECCOMP,
        List.of(old.toBuilder().clearSeccompFilters().addAllSeccompFilters(changed).build()));
  }

  /** Tasks name filters by their place, so all keep theirs: ours are passed over, or allow all. */
  private static SeccompFilter clean(SeccompFilter filter, List<SeccompFilter> all)
      throws ImageException {
    SeccompFilter.Builder builder = filter.toBuilder();
    for (int steps = 0; builder.hasPrev(); steps++) {
      int previous = builder.getPrev();
      if (previous < 0 || previous >= all.size() || steps > all.size()) {
        throw new ImageException("seccomp.img names a filter that it does not have");
      }
      SeccompFilter before = all.get(previous);
      if (!isOurs(before)) {
        break;
      }
      builder.clearPrev();
      if (before.hasPrev()) {
        builder.setPrev(before.getPrev());
      }
    }
    if (isOurs(filter)) {
      ByteBuffer allow = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      builder.setFilter(ByteString.copyFrom(allow.putLong(0, ALLOW)));
    }
    return builder.build();
  }

  private static boolean isOurs(SeccompFilter filter) {
    ByteString code = filter.getFilter();
    return code.size() >= Long.BYTES
        && code.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong() == MARK;
  }
}
