package dev.rekindle.loadtests.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rekindle.loadtests.start.RestoreStatistics;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files that the kernel and CRIU write and the benchmark reads. */
class KernelFilesTest {
  /** Written by CRIU 4.2.1 on the restore of a Python process. */
  private static final byte[] STATISTICS =
      HexFormat.of().parseHex("405910550633095" + "70f000000120d0800100018" + "0120afc90828946e");

  @Test
  void restoreStatistics_ofCriu_areRead() {
    RestoreStatistics statistics = RestoreStatistics.parse(STATISTICS).orElseThrow();

    assertThat(statistics.restoreMs()).isCloseTo(140.463, within(1e-9));
    assertThat(statistics.pagesBytes()).isEqualTo(14_100L * 4_096);
  }

  @Test
  void restoreStatistics_cutShortAnywhere_areNotRead() {
    for (int length = 0; length < STATISTICS.length; length++) {
      assertThat(RestoreStatistics.parse(Arrays.copyOf(STATISTICS, length))).isEmpty();
    }
  }

  @Test
  void restoreStatistics_ofAnotherFile_areNotRead() {
    byte[] other = STATISTICS.clone();
    other[4] ^= 1;

    assertThat(RestoreStatistics.parse(other)).isEmpty();
  }

  @Test
  void processMemory_ofRollup_sumsByKind() {
    List<String> rollup =
        List.of(
            "00400000-7ffd1 ---p 00000000 00:00 0    [rollup]",
            "Rss:               11000 kB",
            "Shared_Clean:       4000 kB",
            "Shared_Dirty:          8 kB",
            "Private_Clean:       500 kB",
            "Private_Dirty:      1500 kB",
            "Private_Hugetlb:       0 kB");

    assertThat(ProcessMemory.parse(rollup))
        .isEqualTo(new ProcessMemory(2_000L * 1_024, 4_008L * 1_024));
  }

  @Test
  void innermostPid_outsideOfNamespaces_isThePid() {
    long own = ProcessHandle.current().pid();

    assertThat(ProcessMemory.innermostPid(own)).isPositive();
    assertThat(ProcessMemory.innermostPid(Integer.MAX_VALUE)).isEqualTo(-1);
  }
}
