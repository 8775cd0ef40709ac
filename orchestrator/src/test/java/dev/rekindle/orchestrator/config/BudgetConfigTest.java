package dev.rekindle.orchestrator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.api.InvalidFieldException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of what all functions together may spend. */
class BudgetConfigTest {
  private static BudgetConfig load(Map<String, Object> budget) {
    return ServiceConfig.load(null, Map.of("budget", budget)).budget();
  }

  @Test
  void load_nothingGiven_takesTheDefaults() {
    assertThat(ServiceConfig.load(null, Map.of()).budget()).isEqualTo(BudgetConfig.defaults());
    assertThat(load(Map.of("storedMb", 7))).isEqualTo(new BudgetConfig(1_000, 7, 4_096));
    assertThat(load(Map.of("storedMb", 7)).storedBytes()).isEqualTo(7L << 20);
  }

  @ParameterizedTest
  @CsvSource({"checkpointsPerHour, 0", "storedMb, -1", "memoryMb, 2000000000"})
  void load_outOfRange_namesTheField(String field, int value) {
    assertThatThrownBy(() -> load(Map.of(field, value)))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageContaining("budget." + field)
        .hasMessageContaining(Integer.toString(value));
  }

  @Test
  void load_unknownField_isNamed() {
    assertThatThrownBy(() -> load(Map.of("memory", 1)))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageContaining("budget.memory")
        .hasMessageContaining("memoryMb");
  }
}
