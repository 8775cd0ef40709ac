package dev.rekindle.orchestrator.policy;

import java.util.BitSet;

/**
 * What a clone's answers to sample events tell of callers' requests. Samples may cost less or more
 * than what callers send, so they never stand beside callers' latencies as they are: where a
 * request number is known from callers, the two are compared; where it is not, a sample goes into
 * the curve times the ratio of the two, once for each request number. Callers' latencies of that
 * number join it later. Until both were seen anywhere they count as alike. Not kept across
 * restarts: it is learnt anew in each training.
 */
final class SampleScale {
  private final BitSet fromSamples = new BitSet();
  private double callers;
  private double samples;

  /** How many times longer a caller's request takes than a sample event. */
  double ratio() {
    return samples > 0 && callers > 0 ? callers / samples : 1;
  }

  /**
   * Takes in a clone's answer.
   *
   * @param served the answer
   * @param curve what is known by request number
   * @param continued the bins whose latency was seen in an unbroken life
   */
  void sampled(Served served, LatencyCurve curve, BitSet continued) {
    Life life = served.life();
    long request = life.request();
    int bin = RequestBins.of(request);
    double nanos = served.phases().handlerNanos();
    boolean broken = life.snapshot() != null && life.served() == 1;
    if (curve.samples(request) > 0) {
      // The first request after a restore takes longer: it is compared with its like only.
      if (!fromSamples.get(bin) && broken != continued.get(bin)) {
        callers += curve.seen(request);
        samples += nanos;
      }
    } else if (!broken) {
      curve.add(request, nanos * ratio());
      fromSamples.set(bin);
      continued.set(bin);
    }
  }

  /** A caller's request of that number was seen. */
  void served(long request) {
    fromSamples.clear(RequestBins.of(request));
  }

  /** Latencies are no longer what they were. */
  void clear() {
    fromSamples.clear();
    callers = 0;
    samples = 0;
  }
}
