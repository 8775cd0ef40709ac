package dev.rekindle.loadtests.jvm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A function with a heap of a chosen size ({@code HEAP_MB}, in 10^6 bytes), built as it loads.
 *
 * <p>A quarter of the heap is a map of small objects, the rest arrays in which no two pages are
 * alike. One event touches a small part of both. Handler: {@code Heap::handler}; event: {@code
 * {"key": 7}}, and {@code "holdMs"} to keep the instance busy for that long. It is deployed as this
 * one class file, so it has no others and uses none of ours.
 */
public final class Heap {
  private static final int PAGE = 4096;
  private static final int ARRAY = 1 << 20;

  /** Bytes that one entry of the map takes: measured on OpenJDK 17. */
  private static final int ENTRY = 120;

  /** A prime, so that successive look-ups lie far apart. */
  private static final int STRIDE = 7919;

  private static final int TOUCHED = 16;
  private static final Map<String, double[]> TABLE = new HashMap<>();
  private static final List<byte[]> ARRAYS = new ArrayList<>();

  static {
    long wanted = Long.parseLong(System.getenv().getOrDefault("HEAP_MB", "50")) * 1_000_000;
    for (int i = 0; i < wanted / 4 / ENTRY; i++) {
      TABLE.put("k" + i, new double[] {i, i / 3.0});
    }
    for (int i = 0; i < wanted * 3 / 4 / ARRAY; i++) {
      ARRAYS.add(array(i));
    }
  }

  private static byte[] array(int number) {
    byte[] block = new byte[ARRAY];
    for (int i = 0; i < ARRAY; i++) {
      block[i] = (byte) (i % 255 + 1);
    }
    for (int page = 0; page < ARRAY; page += PAGE) {
      int mark = number * ARRAY + page;
      for (int i = 0; i < Integer.BYTES; i++) {
        block[page + i] = (byte) (mark >>> (8 * i));
      }
    }
    return block;
  }

  /** Returns a sum over 16 entries and 16 pages, which depends on the key alone. */
  public Map<String, Object> handler(Map<String, Object> event) throws InterruptedException {
    int key = number(event, "key");
    double total = 0;
    for (int step = key; step < key + TOUCHED; step++) {
      double[] entry = TABLE.get("k" + (long) step * STRIDE % Math.max(1, TABLE.size()));
      total += entry == null ? 0 : entry[0] + entry[1];
      if (!ARRAYS.isEmpty()) {
        byte[] block = ARRAYS.get((int) ((long) step * STRIDE % ARRAYS.size()));
        total += block[step % 256 * PAGE + 9] & 0xff;
      }
    }
    Thread.sleep(number(event, "holdMs"));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("sum", total);
    result.put("entries", TABLE.size());
    result.put("arrays", ARRAYS.size());
    return result;
  }

  private static int number(Map<String, Object> event, String field) {
    return event.get(field) instanceof Number number ? number.intValue() : 0;
  }
}
