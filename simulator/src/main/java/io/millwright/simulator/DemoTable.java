package io.millwright.simulator;

import io.millwright.protocol.views.AcceleratorView;
import io.millwright.protocol.views.JobView;
import io.millwright.protocol.views.NodeView;
import io.millwright.simulator.FleetClient.Picture;
import io.millwright.simulator.neuron.NeuronProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The demo's table as text. Pure. */
final class DemoTable {
  private static final int MOST_NODES = 8;
  private static final int MOST_ACCELERATORS = 4;
  private static final int MOST_JOBS = 4;
  private static final int LONGEST_REASON = 60;
  private static final double KILO = 1000;
  private static final String NOTHING = "-";

  private DemoTable() {}

  /**
   * What there is to show.
   *
   * @param nodes name and profile of each, in order
   * @param ended daemons that are no more, with their last words
   * @param web where people look
   * @param pages of the agents
   * @param notes what else went wrong, a sentence each
   */
  record Scene(
      Picture picture,
      Map<String, String> nodes,
      Map<String, String> ended,
      String web,
      String rest,
      List<String> pages,
      Optional<Duration> remaining,
      List<String> notes) {
    Scene {
      nodes = new TreeMap<>(nodes);
      ended = new TreeMap<>(ended);
      pages = List.copyOf(pages);
      notes = List.copyOf(notes);
    }
  }

  static List<String> lines(Scene scene, Ink ink) {
    List<String> lines = new ArrayList<>();
    lines.add(
        ink.loud("SIMULATED hardware: nothing below comes from real accelerators.") + time(scene));
    lines.add("");
    heading(lines, nodes(scene), ink);
    if (scene.nodes().size() > MOST_NODES) {
      lines.add("and " + (scene.nodes().size() - MOST_NODES) + " more");
    }
    heading(lines, accelerators(scene.picture()), ink);
    heading(lines, jobs(scene.picture()), ink);
    scene
        .ended()
        .forEach(
            (name, words) -> lines.add(ink.bad(name + " ended by itself: " + cut(words, 160))));
    scene.notes().forEach(note -> lines.add(ink.bad(note)));
    lines.add("web     " + scene.web());
    lines.add("REST    " + scene.rest() + "/v1/fleet  metrics " + scene.rest() + "/metrics");
    if (!scene.pages().isEmpty()) {
      lines.add("agents  " + pages(scene.pages()));
    }
    lines.add(
        "try     ./millwright simulate fault node1 3 hang   ./millwright run "
            + (onlyNeuron(scene) ? "--neuron-devices" : "--gpus")
            + " 2 --wait -- /bin/sleep 5");
    return lines;
  }

  private static boolean onlyNeuron(Scene scene) {
    return scene.nodes().values().stream()
        .allMatch(profile -> NeuronProfile.of(profile).isPresent());
  }

  private static String time(Scene scene) {
    return scene
        .remaining()
        .map(left -> "  It ends in " + Math.max(0, left.toSeconds()) + " s.")
        .orElse("  Ctrl-C ends it.");
  }

  private static String pages(List<String> pages) {
    String shown = pages.stream().limit(MOST_ACCELERATORS).collect(Collectors.joining("  "));
    return pages.size() > MOST_ACCELERATORS ? shown + "  …" : shown;
  }

  private static void heading(List<String> lines, Columns columns, Ink ink) {
    if (columns.empty()) {
      return;
    }
    List<String> all = columns.lines();
    lines.add(ink.head(all.getFirst()));
    lines.addAll(all.subList(1, all.size()));
    lines.add("");
  }

  private static Columns nodes(Scene scene) {
    Columns columns = new Columns("NODE", "PROFILE", "LINK", "UP", "VERDICT", "POWER");
    scene.nodes().entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> number(entry.getKey())))
        .limit(MOST_NODES)
        .forEach(entry -> node(columns, scene, entry.getKey(), entry.getValue()));
    return columns;
  }

  /** The twelfth after the second. */
  private static int number(String node) {
    return Integer.parseInt(node.replaceAll("[^0-9]", ""));
  }

  private static void node(Columns columns, Scene scene, String name, String profile) {
    Optional<NodeView> seen =
        scene.picture().nodes().stream().filter(node -> node.node().equals(name)).findFirst();
    boolean over = scene.ended().containsKey(name);
    String link = seen.map(NodeView::link).orElse(over ? "ended" : "starting");
    String up = seen.map(n -> n.acceleratorsUp() + "/" + n.accelerators()).orElse(NOTHING);
    columns.row(
        name,
        profile,
        link,
        up,
        seen.map(NodeView::verdict).orElse(NOTHING),
        seen.map(n -> watts(n.powerWatts())).orElse(NOTHING));
  }

  private static Columns accelerators(Picture picture) {
    Columns columns = new Columns("BUSIEST", "MODEL", "STATE", "POWER", "LOAD", "CORE", "JOB");
    picture.accelerators().stream()
        .sorted(
            Comparator.comparing((AcceleratorView a) -> a.stuckCall().isEmpty())
                .thenComparingDouble(a -> -a.powerWatts().orElse(0)))
        .limit(MOST_ACCELERATORS)
        .forEach(a ->
            columns.row(
                a.node() + "/" + a.accelerator(),
                a.model(),
                a.stuckCall().map(call -> a.state() + ": " + call).orElse(a.state()),
                watts(a.powerWatts()),
                number("%.0f %%", a.utilization(), 100),
                number("%.0f C", a.temperatureCelsius(), 1),
                a.job().orElse(NOTHING)));
    return columns;
  }

  private static Columns jobs(Picture picture) {
    Map<String, String> places =
        picture.accelerators().stream()
            .collect(
                Collectors.toMap(
                    AcceleratorView::uuid,
                    a -> a.node() + "/" + a.accelerator(),
                    (one, other) -> one));
    Columns columns = new Columns("JOB", "STATE", "ACCELERATORS", "OUTCOME", "WALL", "ENERGY");
    picture.jobs().stream()
        .sorted(Comparator.comparingLong(job -> -job.submittedMs()))
        .limit(MOST_JOBS)
        .forEach(job ->
            columns.row(
                job.id(),
                job.state() + job.waiting().map(why -> ": " + cut(why, LONGEST_REASON)).orElse(""),
                devices(job, places),
                job.outcome()
                    .or(job::stopping)
                    .map(word -> cut(word, LONGEST_REASON))
                    .orElse(NOTHING),
                job.wallMs().isPresent()
                    ? format("%.1f s", (double) job.wallMs().getAsLong() / KILO)
                    : NOTHING,
                joules(job.joules())));
    return columns;
  }

  private static String devices(JobView job, Map<String, String> places) {
    return job.devices().isEmpty()
        ? NOTHING
        : job.devices().stream()
            .map(uuid -> places.getOrDefault(uuid, uuid))
            .collect(Collectors.joining(" "));
  }

  private static String watts(OptionalDouble watts) {
    return number("%.0f W", watts, 1);
  }

  private static String joules(OptionalDouble joules) {
    return joules.orElse(0) >= KILO
        ? number("%.2f kJ", joules, 1 / KILO)
        : number("%.0f J", joules, 1);
  }

  private static String number(String form, OptionalDouble value, double factor) {
    return value.isPresent() ? format(form, value.getAsDouble() * factor) : NOTHING;
  }

  private static String format(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }

  private static String cut(String text, int longest) {
    return text.length() > longest ? text.substring(0, longest) + "…" : text;
  }
}
