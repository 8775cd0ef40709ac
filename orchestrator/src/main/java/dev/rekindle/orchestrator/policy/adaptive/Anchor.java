package dev.rekindle.orchestrator.policy.adaptive;

import dev.rekindle.orchestrator.policy.estimate.Drift;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot that lives begin from again and again while others are tried beside it. What its
 * requests take, each against the same place in its own first lives, tells what changes with time
 * rather than with the request number. Places are compared with their like since the first requests
 * after a restore are slower.
 *
 * <p>Another one takes over when it looks better. It looked so because it was lucky, as a rule, and
 * would stay only as long as it is: so what its requests take at first is learnt after that, in
 * lives that alternate with those of its predecessor, whatever comes of them.
 */
public final class Anchor {
  /** At most so many lives of others between two of its own. */
  private static final int OTHERS = 3;

  /** What requests take at first is the mean of so many of them, or one for each place. */
  private static final int FIRST = 20;

  /** So many lives of both end a handover, also where all of their requests failed. */
  private static final int MOST_LIVES = 2 * FIRST + 2;

  /** A handover is to bring this share of what it promised. */
  private static final double KEPT = 0.5;

  /** What is expected of a handover. */
  interface Promise {
    /** The logarithm of how many times longer requests are thought to take from the better one. */
    double between(SnapshotView old, SnapshotView better);
  }

  private @Nullable Reference anchor;
  private @Nullable Reference successor;
  private int others;
  private int sinceChosen;
  private double promised;
  private @Nullable String kept;
  private int handoverLives;

  /** What a snapshot's requests take, by their place after the restore. */
  private static final class Reference {
    /** Requests further from their restore tell nothing that these do not. */
    static final int PLACES = 64;

    final String id;
    final double[] logs = new double[PLACES + 1];
    final double[] counts = new double[PLACES + 1];
    int requests;

    Reference(SnapshotView snapshot) {
      this.id = snapshot.id();
    }

    boolean knows(int place) {
      return counts[place] > 0;
    }

    void add(int place, double log) {
      if (requests < FIRST || !knows(place)) {
        requests++;
        counts[place]++;
        logs[place] += (log - logs[place]) / counts[place];
      }
    }

    /** The logarithm of how many times longer it takes than another one. */
    double against(Reference other) {
      double sum = 0;
      int both = 0;
      for (int place = 1; place <= PLACES; place++) {
        if (knows(place) && other.knows(place)) {
          sum += logs[place] - other.logs[place];
          both++;
        }
      }
      return both == 0 ? 0 : sum / both;
    }

    @Nullable SnapshotView among(List<SnapshotView> ready) {
      for (SnapshotView each : ready) {
        if (each.id().equals(id)) {
          return each;
        }
      }
      return null;
    }
  }

  /** The anchor among these; null if it is not there. */
  @Nullable SnapshotView among(List<SnapshotView> ready) {
    return anchor == null ? null : anchor.among(ready);
  }

  /** Whether others were tried for long enough, or another one takes over. */
  boolean isDue() {
    return others >= OTHERS || successor != null;
  }

  /** Whether there is one. */
  boolean exists() {
    return anchor != null;
  }

  /** A life is about to begin. */
  void starts(@Nullable SnapshotView from) {
    boolean own = anchor != null && from != null && from.id().equals(anchor.id);
    others += own ? 0 : 1;
    boolean next = successor != null && from != null && from.id().equals(successor.id);
    handoverLives += own || next ? 1 : 0;
    if (handoverLives > MOST_LIVES) {
      handOver(false);
    }
  }

  /**
   * What to start from: the anchor, or by turns it and what takes over from it.
   *
   * @param best what costs callers least
   * @param promise asked only when another one begins to take over
   */
  SnapshotView settle(List<SnapshotView> ready, SnapshotView best, Promise promise) {
    SnapshotView old = among(ready);
    if (old == null) {
      anchor = new Reference(best);
      successor = null;
      return best;
    }
    Reference taking = successor;
    SnapshotView next = taking == null ? null : taking.among(ready);
    if (taking == null || next == null) {
      successor = null;
      if (best.id().equals(old.id())) {
        return old;
      }
      next = best;
      taking = new Reference(best);
      successor = taking;
      promised = promise.between(old, best);
      sinceChosen = 0;
      handoverLives = 0;
    }
    return handoverLives % 2 == 0 ? old : next;
  }

  /**
   * A request was answered.
   *
   * @return whether it told what changes with time
   */
  boolean served(Life life, double nanos, Drift drift) {
    drift.passes();
    if (anchor == null || life.snapshot() == null || life.served() > Reference.PLACES) {
      return false;
    }
    int place = (int) life.served();
    double log = Math.log(Math.max(1, nanos));
    boolean told = false;
    if (life.snapshot().equals(anchor.id)) {
      others = 0; // only now: a life that serves nothing tells nothing
      told = anchor.knows(place);
      if (told) {
        drift.sees(log - anchor.logs[place]);
      }
      anchor.add(place, log - drift.log());
      sinceChosen++;
    } else if (successor != null && life.snapshot().equals(successor.id)) {
      successor.add(place, log - drift.log());
    }
    if (successor != null && Math.min(sinceChosen, successor.requests) >= FIRST) {
      handOver(successor.against(anchor) <= KEPT * promised);
    }
    return told;
  }

  private void handOver(boolean keptPromise) {
    if (successor != null) {
      kept = keptPromise && promised < 0 ? successor.id : null;
      anchor = successor;
    }
    successor = null;
    handoverLives = 0;
  }

  /** Told once: whether this snapshot took over and brought at least half of what it promised. */
  boolean keepsPromise(@Nullable String id) {
    boolean told = kept != null && kept.equals(id);
    kept = null;
    return told;
  }
}
