package dev.rekindle.orchestrator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.api.InvalidFieldException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where functions are told that they run. */
class RegionConfigTest {
  @Test
  void defaults_areThoseOfTheDocs() {
    assertThat(ServiceConfig.defaults().region()).isEqualTo("us-east-1");
    assertThat(ServiceConfig.defaults().accountId()).isEqualTo("123456789012");
  }

  @ParameterizedTest
  @CsvSource({"region, a:b", "region, ''", "accountId, 12345678901", "accountId, abcdefghijkl"})
  void load_noPartOfAnArn_isRefusedByName(String field, String value) {
    assertThatThrownBy(() -> ServiceConfig.load(null, Map.of(field, value)))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageContaining(field);
  }
}
