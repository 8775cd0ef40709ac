package dev.rekindle.orchestrator.simulator;

import java.util.random.RandomGenerator;

/**
 * What a machine adds to a recorded curve: chance that does not repeat itself when the same request
 * number comes again, and changes of all latencies with time.
 *
 * @param noise standard deviation of a latency's logarithm, anew for each request
 * @param spells standard deviation of the logarithm of what neighbouring requests share, as while
 *     something else uses the machine
 * @param spellRequests after so many requests a third of a spell is left (e to the power of -1)
 * @param drift the share by which latencies are higher at first, as while a service warms up
 * @param driftRequests after so many requests half of that is gone
 * @param settling the share by which the first request after a restore is slower: memory comes back
 * @param settlingRequests after so many requests a third of that is left
 */
record Weather(
    double noise,
    double spells,
    int spellRequests,
    double drift,
    int driftRequests,
    double settling,
    int settlingRequests) {
  /** Latencies are as they were recorded. */
  static final Weather CALM = new Weather(0, 0, 1, 0, 1, 0, 1);

  /** The weather of one run. */
  static final class Course {
    private final Weather weather;
    private final RandomGenerator random;
    private double spell;
    private long requests;

    private Course(Weather weather, RandomGenerator random) {
      this.weather = weather;
      this.random = random;
      this.spell = weather.spells > 0 ? weather.spells * random.nextGaussian() : 0;
    }

    /**
     * How many times the recorded one the next latency is; one on average, but for what was there
     * first.
     *
     * @param restored the request's number after a restore, from 1; 0 in a life that began cold
     */
    double next(long restored) {
      if (weather.equals(CALM)) {
        return 1; // chance is left alone: without weather runs are what they were
      }
      double factor =
          1 + weather.drift * Math.pow(0.5, requests++ / (double) weather.driftRequests);
      if (weather.noise > 0) {
        double s = weather.noise;
        factor *= Math.exp(s * random.nextGaussian() - s * s / 2);
      }
      if (weather.spells > 0) { // an Ornstein-Uhlenbeck process, one step a request
        double s = weather.spells;
        double kept = Math.exp(-1.0 / weather.spellRequests);
        spell = kept * spell + s * Math.sqrt(1 - kept * kept) * random.nextGaussian();
        factor *= Math.exp(spell - s * s / 2);
      }
      if (restored > 0) {
        factor *=
            1 + weather.settling * Math.exp((1 - restored) / (double) weather.settlingRequests);
      }
      return factor;
    }
  }

  /** The weather of a run that begins. */
  Course begin(RandomGenerator random) {
    return new Course(this, random);
  }
}
