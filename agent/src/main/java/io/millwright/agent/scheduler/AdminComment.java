package io.millwright.agent.scheduler;

import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text that Slurm keeps with a job, with a part of each of its nodes. What is not known is left
 * out. Pure.
 *
 * <pre>{@code
 * millwright node=n1 devices=2 device_seconds=12.0 joules=8400.2 errors=xid_79:1 | node=n2 devices=2 …
 * }</pre>
 */
final class AdminComment {
  /** Letters beyond which no node begins a part; sixteen nodes. */
  static final int LONGEST = 2_000;

  /** Letters that each node's part may come to have, with what stands between two. */
  private static final int ROOM = 124;

  private static final String OURS = "millwright ";
  private static final String BETWEEN = " | ";
  private static final Pattern PART = Pattern.compile("node=(\\S+)(?: run=([0-9]{1,9}))? .*");

  private AdminComment() {}

  /**
   * The text with this node's part in it. Parts of earlier runs of the job go.
   *
   * @param standing what is there; empty where nothing is
   * @return empty where nothing is to be written: somebody else wrote it, there is no room for one
   *     more part, or it is there already. A part that is there may always grow: room was kept
   */
  static Optional<String> with(String standing, String node, RunAccount account) {
    String strip = standing.strip();
    if (!strip.isEmpty() && !strip.startsWith(OURS + "node=")) {
      return Optional.empty();
    }
    Map<String, String> parts = new TreeMap<>();
    String old = strip.isEmpty() ? "" : strip.substring(OURS.length());
    for (String part : old.split(Pattern.quote(BETWEEN), -1)) {
      Matcher matcher = PART.matcher(part);
      if (matcher.matches() && run(matcher) >= account.run().run()) {
        parts.put(matcher.group(1), part);
      }
    }
    boolean first = parts.put(node, part(account, node)) == null;
    String text = OURS + String.join(BETWEEN, parts.values());
    return (first && tooMany(parts, text)) || text.equals(strip)
        ? Optional.empty()
        : Optional.of(text);
  }

  private static boolean tooMany(Map<String, String> parts, String text) {
    return Math.max(text.length(), OURS.length() + parts.size() * ROOM) > LONGEST;
  }

  private static int run(Matcher part) {
    String run = part.group(2);
    return run == null ? 1 : Integer.parseInt(run);
  }

  private static String part(RunAccount account, String node) {
    List<String> words = new ArrayList<>();
    words.add("node=" + node);
    if (account.run().run() > 1) {
      words.add("run=" + account.run().run());
    }
    words.add("devices=" + account.devices().size());
    words.add("device_seconds=" + number(account.deviceSeconds()));
    joules(account).ifPresent(sum -> words.add("joules=" + number(sum)));
    Map<String, Double> errors = new TreeMap<>();
    account.devices().stream()
        .map(device -> device.grew().getOrDefault("errors", Map.of()))
        .forEach(grew -> grew.forEach((code, times) -> errors.merge(code, times, Double::sum)));
    if (!errors.isEmpty()) {
      List<String> counted = new ArrayList<>();
      errors.forEach((code, times) ->
          counted.add(code.replaceAll("[^A-Za-z0-9.]", "_") + ":" + Math.round(times)));
      words.add("errors=" + String.join(",", counted));
    }
    String part = String.join(" ", words);
    if (!errors.isEmpty() && part.length() > ROOM - BETWEEN.length()) {
      double all = errors.values().stream().mapToDouble(Double::doubleValue).sum();
      words.set(words.size() - 1, "errors=all:" + Math.round(all));
      return String.join(" ", words);
    }
    return part;
  }

  private static OptionalDouble joules(RunAccount account) {
    double sum = 0;
    for (DeviceAccount device : account.devices()) {
      if (device.joules().isEmpty()) {
        return OptionalDouble.empty();
      }
      sum += device.joules().getAsDouble();
    }
    return account.devices().isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
