package dev.rekindle.orchestrator.pool;

import dev.rekindle.api.InstanceCounts;
import dev.rekindle.api.InstanceState;
import dev.rekindle.orchestrator.instance.Instance;
import dev.rekindle.orchestrator.node.Capacity;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one version: all of them with their places on the node, and those that are free
 * to take a request. Lives on the event loop.
 */
final class PoolInstances {
  private final Map<String, Held> all = new LinkedHashMap<>();
  private final Deque<Instance> free = new ArrayDeque<>();

  private record Held(Instance instance, Capacity.Place place) {}

  /** An instance came up in that place. */
  void add(Instance instance, Capacity.Place place) {
    all.put(instance.id(), new Held(instance, place));
  }

  /** An instance is free: those that have served go before those that have not. */
  void offer(Instance instance) {
    if (instance.isFresh()) {
      free.addFirst(instance); // used ones are warmer: they go first
    } else {
      free.addLast(instance);
    }
  }

  /** The warmest free instance, which is free no more; null if none is free. */
  @Nullable Instance takeFree() {
    return free.pollLast();
  }

  /** Takes that instance if it is free. */
  boolean takeFree(Instance instance) {
    return free.remove(instance);
  }

  /** Removes an instance; its place is still taken, and returned to be given back. */
  Capacity.@Nullable Place remove(Instance instance) {
    free.remove(instance);
    Held held = all.remove(instance.id());
    return held == null ? null : held.place();
  }

  boolean contains(Instance instance) {
    return all.containsKey(instance.id());
  }

  boolean isFree(Instance instance) {
    return free.contains(instance);
  }

  boolean hasFree() {
    return !free.isEmpty();
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  int size() {
    return all.size();
  }

  /** A copy of the free ones, the coldest first. */
  List<Instance> free() {
    return List.copyOf(free);
  }

  /** A copy of all of them, the oldest first. */
  List<Instance> all() {
    return stream().toList();
  }

  private Stream<Instance> stream() {
    return all.values().stream().map(Held::instance);
  }

  /** How many serve a request now. */
  int busy() {
    return (int) stream().filter(i -> i.state() == InstanceState.BUSY).count();
  }

  /** How many are restored and have served nothing. */
  int fresh() {
    return (int) stream().filter(Instance::isFresh).count();
  }

  /** The instance of these that has been idle for longest; null if none is idle. */
  @Nullable Instance longestIdle(Predicate<Instance> which) {
    return free.stream()
        .filter(which)
        .min(Comparator.comparingLong(Instance::freeSinceNanos))
        .orElse(null);
  }

  /**
   * How many there are in each state.
   *
   * @param starting how many are on their way
   */
  InstanceCounts counts(int starting) {
    Map<InstanceState, Integer> by = new EnumMap<>(InstanceState.class);
    stream().forEach(i -> by.merge(i.state(), 1, Integer::sum));
    return new InstanceCounts(
        starting,
        by.getOrDefault(InstanceState.STANDBY, 0),
        by.getOrDefault(InstanceState.BUSY, 0),
        by.getOrDefault(InstanceState.IDLE, 0),
        by.getOrDefault(InstanceState.CHECKPOINTING, 0));
  }
}
