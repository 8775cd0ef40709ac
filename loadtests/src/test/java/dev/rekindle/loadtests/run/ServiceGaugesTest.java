package dev.rekindle.loadtests.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ServiceGaugesTest {
  private static final String TEXT =
      """
      # HELP rekindle_store_tasks_waiting
      # TYPE rekindle_store_tasks_waiting gauge
      rekindle_store_tasks_waiting 3.0
      rekindle_store_tasks_waiting_longest 7.0
      """;

  @Test
  void valueIn_takesTheGaugeOfThatNameOnly() {
    assertThat(ServiceGauges.valueIn(TEXT, "rekindle_store_tasks_waiting")).isEqualTo(3);
  }

  @Test
  void valueIn_missing_saysWhich() {
    assertThatThrownBy(() -> ServiceGauges.valueIn(TEXT, "rekindle_store_tasks"))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("rekindle_store_tasks");
  }

  @Test
  void findIn_takesLabelsWithTheName() {
    String text = "made_count{function=\"a\"} 2\nmade_count{function=\"b\"} 3\n";
    assertThat(ServiceGauges.findIn(text, "made_count{function=\"b\"}")).hasValue(3);
    assertThat(ServiceGauges.findIn(text, "made_count{function=\"c\"}")).isEmpty();
  }
}
