package dev.rekindle.engine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExitStatusTest {
  @Test
  void ofWaitStatus_readsExitCodes() {
    assertThat(ExitStatus.ofWaitStatus(0)).isEqualTo(new ExitStatus(0, 0));
    assertThat(ExitStatus.ofWaitStatus(3 << 8)).isEqualTo(new ExitStatus(3, 0));
    assertThat(ExitStatus.ofWaitStatus(255 << 8)).isEqualTo(new ExitStatus(255, 0));
  }

  @Test
  void ofWaitStatus_readsSignalsWithAndWithoutCore() {
    assertThat(ExitStatus.ofWaitStatus(9)).isEqualTo(new ExitStatus(-1, 9));
    assertThat(ExitStatus.ofWaitStatus(11 | 0x80)).isEqualTo(new ExitStatus(-1, 11));
  }

  @Test
  void toString_saysHowItEnded() {
    assertThat(ExitStatus.ofWaitStatus(2 << 8)).hasToString("exit code 2");
    assertThat(ExitStatus.killed()).hasToString("signal 9");
  }
}
