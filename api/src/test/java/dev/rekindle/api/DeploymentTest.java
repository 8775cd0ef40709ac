package dev.rekindle.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeploymentTest {
  private static final int DAMAGED_DOCUMENTS = 50_000;
  private static final byte[] SPLICES =
      "\"\\{}[]:,0-9.eE\u0000\ud83d\ude00nulltrue\\ud800".getBytes(UTF_8);

  @Test
  void parse_whatToJsonWrote_isTheSame() {
    byte[] zip = new byte[1_000];
    new Random(1).nextBytes(zip);

    Deployment read = Deployment.parse(new Deployment(WireSamples.SETTINGS, zip).toJson());

    assertThat(read.settings()).isEqualTo(WireSamples.SETTINGS);
    assertThat(read.zip()).isEqualTo(zip);
  }

  @Test
  void parse_zipAboveJacksonsOwnLimit_isTaken() {
    byte[] zip = new byte[20_000_000];

    assertThat(Deployment.parse(new Deployment(WireSamples.SETTINGS, zip).toJson()).zip())
        .hasSize(zip.length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"runtime\":\"r\",\"handler\":\"h\"}|code",
        "{\"runtime\":\"r\",\"handler\":\"h\",\"code\":\"UEs=\"}|code",
        "{\"runtime\":\"r\",\"handler\":\"h\",\"code\":{}}|code.zip",
        "{\"runtime\":\"r\",\"handler\":\"h\",\"code\":{\"zip\":1}}|code.zip",
        "{\"runtime\":\"r\",\"handler\":\"h\",\"code\":{\"zip\":\"*\"}}|code.zip",
        "{\"runtime\":\"r\",\"handler\":\"h\",\"code\":{\"zip\":\"UEs=\",\"s3\":1}}|code.s3",
        "{\"runtime\":\"r\",\"handler\":\"h\",\"cod\":{}}|cod",
      },
      quoteCharacter = '`')
  void parse_invalidCode_namesTheField(String json, String field) {
    assertThat(
            catchThrowableOfType(
                    InvalidFieldException.class, () -> Deployment.parse(json.getBytes(UTF_8)))
                .field())
        .isEqualTo(field);
  }

  /** Either the damage leaves a deployment that can be written again, or it is an invalid field. */
  @Test
  void parse_seededDamage_isReadableOrInvalid() {
    byte[] whole = new Deployment(WireSamples.SETTINGS, new byte[] {1, 2, 3}).toJson();
    Random random = new Random(20_260_304);
    int invalid = 0;
    for (int i = 0; i < DAMAGED_DOCUMENTS; i++) {
      byte[] damaged = damage(whole, random);
      try {
        Deployment read = Deployment.parse(damaged);
        assertThat(Deployment.parse(read.toJson()).settings()).isEqualTo(read.settings());
      } catch (InvalidFieldException e) {
        invalid++;
        assertThat(Json.write(Problem.of(e, null))).isNotEmpty();
      } catch (RuntimeException e) {
        throw new AssertionError("Escaped on: " + new String(damaged, UTF_8), e);
      }
    }
    assertThat(invalid).isBetween(DAMAGED_DOCUMENTS / 2, DAMAGED_DOCUMENTS - 1);
  }

  private static byte[] damage(byte[] whole, Random random) {
    byte[] damaged = whole.clone();
    int places = 1 + random.nextInt(3);
    for (int i = 0; i < places; i++) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> damaged[at] = SPLICES[random.nextInt(SPLICES.length)];
        case 2 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
        default -> {
          int from = random.nextInt(damaged.length);
          int length = Math.min(random.nextInt(40), damaged.length - Math.max(at, from));
          System.arraycopy(damaged, from, damaged, at, length);
        }
      }
    }
    return damaged;
  }
}
