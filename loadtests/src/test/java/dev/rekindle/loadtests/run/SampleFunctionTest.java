package dev.rekindle.loadtests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The build packs the files of the sample functions where the benchmarks look for them. */
class SampleFunctionTest {
  @ParameterizedTest
  @EnumSource
  void everyFile_isPacked(SampleFunction function, @TempDir Path directory) throws Exception {
    assertThat(function.zip()).isNotEmpty();

    function.writeTo(directory);

    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).isNotEmpty();
    }
  }
}
