package dev.rekindle.orchestrator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.orchestrator.node.ManualLoop;
import org.junit.jupiter.api.Test;

/** When instances are started before a caller asks for one. */
class StandbyReplenisherTest {
  private final ManualLoop loop = new ManualLoop();
  private boolean mayStart = true;
  private boolean wantsMore;
  private boolean hasPlace = true;
  private int started;

  private final StandbyReplenisher standby =
      new StandbyReplenisher(loop, () -> mayStart, () -> wantsMore, this::start);

  private boolean start() {
    if (hasPlace) {
      started++;
    }
    return hasPlace;
  }

  @Test
  void policyWantsNone_startsNone() {
    standby.replenish();
    assertThat(started).isZero();
  }

  @Test
  void policyWantsOne_startsOneEachTime() {
    wantsMore = true;
    standby.replenish();
    assertThat(started).isEqualTo(1);
  }

  @Test
  void callersWait_startsNone() {
    wantsMore = true;
    mayStart = false;
    standby.replenish();
    assertThat(started).isZero();
  }

  @Test
  void soon_waitsAMoment() {
    wantsMore = true;
    standby.replenishSoon();
    loop.advance(19);
    assertThat(started).isZero();
    loop.advance(1);
    assertThat(started).isEqualTo(1);
  }

  /** The wish for a snapshot of an unserved process stays until an instance was started for it. */
  @Test
  void unservedWanted_staysUntilAPlaceIsFree() {
    standby.wantUnserved();
    hasPlace = false;
    standby.replenish();
    hasPlace = true;
    standby.retryUnserved();
    loop.advance(20);
    assertThat(started).isEqualTo(1);
    standby.retryUnserved();
    loop.advance(20);
    assertThat(started).as("it was for one instance").isEqualTo(1);
  }

  @Test
  void unservedForgotten_startsNone() {
    standby.wantUnserved();
    standby.forgetUnserved();
    standby.replenish();
    assertThat(started).isZero();
  }
}
