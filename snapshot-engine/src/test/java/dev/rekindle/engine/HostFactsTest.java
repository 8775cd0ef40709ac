package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostFactsTest {
  private static final HostFacts HERE =
      new HostFacts("4.2.1", "6.18.44", "amd64", Set.of("sse2", "avx", "avx2"));

  @Test
  void mismatch_isEmptyForOwnRequirements() {
    assertThat(HERE.mismatch(HERE.toRequirements())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"criu", "kernel", "architecture"})
  void mismatch_namesTheFieldThatDiffers(String field) {
    assertThat(HERE.mismatch(with(field, "other")).orElseThrow())
        .contains(field, "other", HERE.toRequirements().get(field));
  }

  @ParameterizedTest
  @ValueSource(strings = {"criu", "kernel", "architecture"})
  void mismatch_refusesWhatDoesNotSay(String field) {
    Map<String, String> requirements = new HashMap<>(HERE.toRequirements());
    requirements.remove(field);
    assertThat(HERE.mismatch(requirements).orElseThrow()).contains(field, "unknown");
  }

  @Test
  void mismatch_listsMissingProcessorFeatures() {
    assertThat(HERE.mismatch(with("cpuFeatures", "avx512f sse2 amx")).orElseThrow())
        .contains("[amx, avx512f]");
    assertThat(HERE.mismatch(with("cpuFeatures", "sse2"))).isEmpty();
  }

  @Test
  void mismatch_bearsRepeatedFeatures() {
    assertThat(HERE.mismatch(with("cpuFeatures", "sse2 avx sse2  avx"))).isEmpty();
  }

  @Test
  void parseCpuFeatures_readsTheFirstProcessorOfEitherKind() {
    assertThat(HostFacts.parseCpuFeatures("processor : 0\nflags\t\t: fpu sse2\nflags : other\n"))
        .containsExactlyInAnyOrder("fpu", "sse2");
    assertThat(HostFacts.parseCpuFeatures("Features\t: fp asimd\n"))
        .containsExactlyInAnyOrder("fp", "asimd");
    assertThat(HostFacts.parseCpuFeatures("vmx flags : x\n")).isEmpty();
  }

  @Test
  void parseCpuFeatures_bearsRepeatedFeatures() {
    assertThat(HostFacts.parseCpuFeatures("flags : fpu sse2 fpu\n"))
        .containsExactlyInAnyOrder("fpu", "sse2");
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> requirements = new HashMap<>(HERE.toRequirements());
    requirements.put(name, value);
    return requirements;
  }
}
