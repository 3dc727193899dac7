package io.millwright.agent;

import static java.util.Locale.ROOT;

import io.millwright.agent.lane.CallLedger;
import io.millwright.agent.self.NativeCall;
import io.millwright.drivers.nvml.NvmlCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The ledger of native calls in the words of the page. */
final class CallAccounts {
  private CallAccounts() {}

  static List<NativeCall> of(String vendor, List<CallLedger.Counted> ledger) {
    return ledger.stream()
        .map(counted ->
            new NativeCall(
                vendor,
                counted.call(),
                counted.buckets(),
                counted.seconds(),
                words(counted.results())))
        .toList();
  }

  private static Map<String, Long> words(Map<Integer, Long> results) {
    Map<String, Long> words = new TreeMap<>();
    results.forEach((code, calls) -> words.merge(word(code), calls, Long::sum));
    return words;
  }

  private static String word(int code) {
    return code < 0 ? "other" : NvmlCode.word(code).replace(' ', '_').toLowerCase(ROOT);
  }
}
