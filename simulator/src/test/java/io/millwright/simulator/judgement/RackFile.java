package io.millwright.simulator.judgement;

import io.millwright.simulator.judgement.RackTrace.Step;
import io.millwright.simulator.judgement.RackTrace.Wanted;
import io.millwright.simulator.judgement.Trace.Timed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Reads traces of racks of GB200 trays. The words of a tray are those of {@link TraceFile}.
 *
 * <pre>
 * rack switch-loss
 * source invented: …
 * why …
 * racks 4
 * lasts 3m
 * 10s r1 mute                     all trays of rack 1; r1t6, r1t0-15, r1!6 (all but 6), all
 * 20s r1 heard
 * 15s collector restarts
 * 5s r0 window 2h                 maintenance until then
 * 30s r0t6 xid 1 149
 * expect pages 1                  or 0-1
 * expect incidents 1
 * expect cause switch
 * expect root r0t6 1
 * expect innocent
 * </pre>
 */
final class RackFile {
  private static final int DEVICES = 4;
  private static final Profile PROFILE = Profile.GB200;
  private static final Pattern ADDRESS = Pattern.compile("\\{pci(\\d)}");
  private static final Pattern REPEATED = Pattern.compile("(\\w+)\\.\\.(\\w+)/(\\w+)");
  private static final Pattern TRAYS = Pattern.compile("r(\\d+)(?:(t|!)(\\d+)(?:-(\\d+))?)?");

  private final Map<String, String> header = new LinkedHashMap<>();
  private final Map<String, String> wanted = new HashMap<>();
  private final List<Timed<Step>> steps = new ArrayList<>();
  private int racks;

  private RackFile() {}

  static List<RackTrace> traces(String text) {
    List<RackTrace> traces = new ArrayList<>();
    for (String block : text.split("\\n\\s*\\n")) {
      RackFile one = new RackFile();
      block
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(one::take);
      if (!one.header.isEmpty()) {
        traces.add(one.trace());
      }
    }
    return traces;
  }

  private void take(String line) {
    String[] words = line.split("\\s+", 2);
    if (Character.isDigit(words[0].charAt(0))) {
      steps(words[0], words[1]);
    } else if (words[0].equals("expect")) {
      String[] what = words[1].split("\\s+", 2);
      wanted.put(what[0], what.length > 1 ? what[1] : "");
    } else {
      header.put(words[0], words[1]);
      racks = words[0].equals("racks") ? Integer.parseInt(words[1]) : racks;
    }
  }

  private void steps(String times, String text) {
    Matcher repeated = REPEATED.matcher(times);
    if (!repeated.matches()) {
      steps.add(new Timed<>(Span.seconds(times), step(text, 0)));
      return;
    }
    int n = 0;
    long until = Span.seconds(repeated.group(2));
    long every = Span.seconds(repeated.group(3));
    for (long at = Span.seconds(repeated.group(1)); at <= until; at += every) {
      steps.add(new Timed<>(at, step(text, n)));
      n++;
    }
  }

  private Step step(String given, int n) {
    if (given.equals("collector restarts")) {
      return new Step.CollectorRestarts();
    }
    String text =
        ADDRESS
            .matcher(given.replace("{n}", Integer.toString(n)))
            .replaceAll(address -> PROFILE.pci(Integer.parseInt(address.group(1))));
    String[] words = text.split(" ", 3);
    List<String> trays = trays(words[0]);
    String rest = words.length > 2 ? words[2] : "";
    return switch (words[1]) {
      case "mute" -> new Step.Heard(trays, false);
      case "heard" -> new Step.Heard(trays, true);
      case "window" -> new Step.Window(trays, Span.seconds(rest));
      default -> new Step.OnTrays(trays, new ActText(DEVICES).act(words[1], rest));
    };
  }

  private List<String> trays(String text) {
    if (text.equals("all")) {
      return IntStream.range(0, racks).boxed().flatMap(rack -> trays("r" + rack).stream()).toList();
    }
    Matcher parts = TRAYS.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(text + " names no trays; write r0, r0t6, r0t0-15 or r0!6");
    }
    String rack = parts.group(1);
    IntStream all = IntStream.range(0, RackTrace.TRAYS);
    if (parts.group(2) != null) {
      int first = Integer.parseInt(parts.group(3));
      int last = parts.group(4) == null ? first : Integer.parseInt(parts.group(4));
      boolean within = parts.group(2).equals("t");
      all = all.filter(tray -> (tray >= first && tray <= last) == within);
    }
    return all.mapToObj(tray -> "r%st%d".formatted(rack, tray)).toList();
  }

  private RackTrace trace() {
    steps.sort(Comparator.comparingLong(Timed::atSeconds));
    String[] pages = wanted.getOrDefault("pages", "").split("-");
    return new RackTrace(
        header.getOrDefault("rack", ""),
        header.getOrDefault("source", ""),
        header.getOrDefault("why", ""),
        racks,
        Span.seconds(header.getOrDefault("lasts", "")),
        steps,
        new Wanted(
            Long.parseLong(pages[0]),
            Long.parseLong(pages[pages.length - 1]),
            wanted.containsKey("incidents")
                ? OptionalLong.of(Long.parseLong(wanted.getOrDefault("incidents", "")))
                : OptionalLong.empty(),
            Optional.ofNullable(wanted.get("cause")),
            Optional.ofNullable(wanted.get("root")),
            wanted.containsKey("innocent")));
  }
}
