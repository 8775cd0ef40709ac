package dev.rekindle.orchestrator.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Places that are taken and given back. */
class CapacityTest {
  private static Capacity.Place take(Capacity capacity) {
    return Objects.requireNonNull(capacity.take());
  }

  @Test
  void take_allAreTaken_isRefused() {
    Capacity capacity = new Capacity(1);
    Capacity.Place place = take(capacity);
    assertThat(capacity.take()).isNull();
    place.free();
    assertThat(capacity.take()).isNotNull();
  }

  @Test
  void free_twice_countsOnce() {
    Capacity capacity = new Capacity(2);
    Capacity.Place first = take(capacity);
    take(capacity);
    first.leaving();
    first.leaving();
    assertThat(capacity.leaving()).isEqualTo(1);
    first.free();
    first.free();
    first.leaving();
    assertThat(capacity.used()).isEqualTo(1);
    assertThat(capacity.leaving()).isZero();
  }

  @Test
  void lastPlace_isTaken_callsBackOnce() {
    Capacity capacity = new Capacity(2);
    List<String> calls = new ArrayList<>();
    capacity.onFull(() -> calls.add("full"));
    take(capacity);
    assertThat(calls).isEmpty();
    take(capacity);
    assertThat(calls).containsExactly("full");
  }

  /** One that waits may take the place, and leave the list, while it is called. */
  @Test
  void free_callsThoseWhoWait_alsoIfTheyStopWaiting() {
    Capacity capacity = new Capacity(1);
    Capacity.Place place = take(capacity);
    List<String> calls = new ArrayList<>();
    Runnable second = () -> calls.add("second");
    capacity.onFree(
        () -> {
          calls.add("first");
          capacity.forget(second);
        });
    capacity.onFree(second);
    place.free();
    assertThat(calls).startsWith("first");
  }

  @Test
  void idle_whilePlacesAreFree_disturbsNobody() {
    Capacity capacity = new Capacity(2);
    List<String> calls = new ArrayList<>();
    capacity.onFree(() -> calls.add("called"));
    take(capacity);
    capacity.idle();
    assertThat(calls).isEmpty();
    take(capacity);
    capacity.idle();
    assertThat(calls).containsExactly("called");
  }

  /** Whatever the order of calls, what was taken and not given back is what counts as used. */
  @Test
  void anyOrderOfCalls_countsWhatIsTaken() {
    Random random = new Random(11);
    Capacity capacity = new Capacity(5);
    List<Capacity.Place> taken = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      if (random.nextBoolean()) {
        Capacity.Place place = capacity.take();
        assertThat(place == null).isEqualTo(taken.size() == 5);
        if (place != null) {
          taken.add(place);
        }
      } else if (!taken.isEmpty()) {
        Capacity.Place place = taken.get(random.nextInt(taken.size()));
        if (random.nextBoolean()) {
          place.leaving();
        } else {
          place.free();
          taken.remove(place);
        }
      }
      assertThat(capacity.used()).isEqualTo(taken.size());
      assertThat(capacity.leaving()).isBetween(0, taken.size());
    }
  }
}
