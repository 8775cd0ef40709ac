package dev.rekindle.orchestrator.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.Json;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The file that keeps what policies have learnt. */
class KeptPolicyTest {
  private static KeptPolicy kept(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ObjectNode content = Json.mapper().createObjectNode();
    for (int i = 0; i < 20; i++) {
      content.withArray("numbers").add(random.nextDouble() * 1e9);
    }
    return new KeptPolicy(
        "id" + seed, new PolicyState("a", 1, content), new PolicyState("b", 2, content));
  }

  @Test
  void encode_decode_giveTheSame() throws Exception {
    for (long seed = 0; seed < 50; seed++) {
      byte[] bytes = kept(seed).encode();
      assertThat(bytes).isEqualTo(kept(seed).encode());
      assertThat(KeptPolicy.decode(bytes).encode()).isEqualTo(bytes);
      assertThat(KeptPolicy.decode(bytes).identity()).isEqualTo("id" + seed);
    }
  }

  @Test
  void cutFile_isRefused() {
    byte[] good = kept(1).encode();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> KeptPolicy.decode(cut)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void changedByte_isRefusedOrWithoutEffect() throws Exception {
    KeptPolicy good = kept(2);
    SplittableRandom random = new SplittableRandom(7);
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = good.encode();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        // The header's time and system of origin are in no checksum, and mean nothing.
        assertThat(KeptPolicy.decode(bytes).encode()).isEqualTo(good.encode());
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1_500);
  }

  @Test
  void soundFileThatHoldsSomethingElse_isRefused() throws Exception {
    String good = unpacked(kept(3).encode());
    List<String> others =
        List.of(
            "",
            "null",
            "[]",
            "{}",
            "{\"format\":1}",
            "{\"format\":1e99999999999}",
            good.replace("\"inForce\"", "\"inform\""),
            good.replace("\"policy\":\"b\"", "\"policy\":7"),
            good.replace("\"identity\":\"id3\"", "\"identity\":3"),
            good + "{}");
    for (String other : others) {
      assertThatThrownBy(() -> KeptPolicy.decode(packed(other)))
          .as(other)
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(
            () -> KeptPolicy.decode(packed(good.replaceFirst("\"format\":1", "\"format\":2"))))
        .hasMessageContaining("its format is 2, this build reads 1");
  }

  private static String unpacked(byte[] bytes) throws IOException {
    return new String(
        new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes(),
        StandardCharsets.UTF_8);
  }

  private static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
