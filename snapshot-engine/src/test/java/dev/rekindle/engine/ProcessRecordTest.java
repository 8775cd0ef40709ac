package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessRecordTest {
  private static final ProcessRecord RECORD =
      new ProcessRecord(ProcessRecord.FORMAT_VERSION, 300, "pipe:[17]", "pipe:[18]", true);

  @TempDir Path directory;

  @Test
  void read_givesWhatWasWritten() throws Exception {
    RECORD.write(directory);
    assertThat(ProcessRecord.read(directory)).isEqualTo(RECORD);
  }

  @Test
  void read_withoutAFile_isDamaged() {
    refused(RestoreException.Cause.DAMAGED);
  }

  @Test
  void read_ofAnotherFormat_isIncompatible() throws Exception {
    write("{\"formatVersion\":2,\"root\":{\"pid\":300}}".getBytes(StandardCharsets.UTF_8));
    refused(RestoreException.Cause.INCOMPATIBLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"formatVersion\":1}",
        "{\"formatVersion\":1,\"pid\":0,\"standardOutput\":\"pipe:[1]\","
            + "\"standardError\":\"pipe:[2]\",\"files\":false}",
        "{\"formatVersion\":1,\"pid\":300,\"standardOutput\":null,"
            + "\"standardError\":\"pipe:[2]\",\"files\":false}",
        "{\"formatVersion\":1,\"pid\":300,\"standardOutput\":\"/etc/shadow\","
            + "\"standardError\":\"pipe:[2]\",\"files\":false}",
        "{\"formatVersion\":1,\"pid\":300,\"standardOutput\":\"pipe:[1]\","
            + "\"standardError\":\"pipe:[2]\"}",
      })
  void read_ofSomethingElse_isDamaged(String json) throws Exception {
    write(json.getBytes(StandardCharsets.UTF_8));
    refused(RestoreException.Cause.DAMAGED);
  }

  @Test
  void read_ofRandomDamage_isRefusedOrWellFormed() throws Exception {
    RECORD.write(directory);
    byte[] whole = Files.readAllBytes(directory.resolve("process.json"));
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = Arrays.copyOf(whole, whole.length - (i % 4 == 0 ? random.nextInt(20) : 0));
      for (int n = random.nextInt(3); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      write(bytes);
      try {
        ProcessRecord read = ProcessRecord.read(directory);
        assertThat(read.pid()).isPositive();
        assertThat(read.standardOutput()).matches("pipe:\\[[0-9]+]");
        assertThat(read.standardError()).matches("pipe:\\[[0-9]+]");
      } catch (RestoreException e) {
        refused++;
      }
    }
    assertThat(refused).as("most damage is noticed here").isGreaterThan(1500);
  }

  private void write(byte[] bytes) throws Exception {
    Files.write(directory.resolve("process.json"), bytes);
  }

  private void refused(RestoreException.Cause cause) {
    assertThatThrownBy(() -> ProcessRecord.read(directory))
        .isInstanceOfSatisfying(RestoreException.class, e -> assertThat(e.kind()).isEqualTo(cause))
        .hasMessageContaining("process.json");
  }
}
