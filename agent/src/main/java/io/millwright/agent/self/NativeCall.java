package io.millwright.agent.self;

import java.util.List;
import java.util.Map;

/**
 * The account of one C function of a vendor's library, as the page shows it.
 *
 * @param buckets calls by duration, not cumulative: one for each bound, and one beyond
 * @param seconds the sum of durations
 * @param results calls by the word of their return code
 */
public record NativeCall(
    String vendor, String call, List<Long> buckets, double seconds, Map<String, Long> results) {
  public NativeCall {
    buckets = List.copyOf(buckets);
    results = Map.copyOf(results);
  }
}
