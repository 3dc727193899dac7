package io.millwright.benchmarks;

import io.millwright.simulator.SimulatedNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The agent's native readers against {@code nvml-loop} making the same calls, in turn, each as a
 * process of its own over a simulated node of its own. The JVM has this one's flags: start it with
 * the agent's.
 *
 * <pre>
 * ReadingComparison SIMULATOR_DIRECTORY [PAIRS]
 * </pre>
 */
public final class ReadingComparison {
  private static final Pattern CPU = Pattern.compile("\"cpu_us_per_tick\":([0-9.]+)");
  private static final Pattern GARBAGE = Pattern.compile("\"allocated_bytes\":([0-9]+)");

  private final Path built;
  private final int pairs;

  private ReadingComparison(Path built, int pairs) {
    this.built = built;
    this.pairs = pairs;
  }

  public static void main(String[] arguments) throws IOException {
    Path built = Path.of(arguments[0]);
    int pairs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 7;
    ReadingComparison comparison = new ReadingComparison(built, pairs);
    System.out.println(
        "| cadence | µs a call | watch | C µs a tick | Java µs a tick | Java/C | garbage a tick |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int slow : new int[] {0, 20}) {
      int ticks = slow == 0 ? 50_000 : 500;
      comparison.compare("fast", slow, ticks, "none", "bare");
      comparison.compare("fast", slow, ticks, "clock", "bare");
      comparison.compare("fast", slow, ticks, "clock", "");
      comparison.compare("medium", slow, ticks, "clock", "bare");
    }
  }

  /** A simulated node in a directory of its own, each call taking so long. */
  private SimulatedNode node(int slowMicros) throws IOException {
    return SimulatedNode.create(
        built.resolve("libnvidia-ml.so.1"),
        Scratch.directory("mw-reading"),
        List.of("profile b200", "fault all slow " + slowMicros));
  }

  private void compare(String cadence, int slow, int ticks, String watch, String bare)
      throws IOException {
    String library = node(slow).library().toString();
    List<Double> java = new ArrayList<>();
    List<Double> c = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    List<Double> garbage = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      String ours = ran(javaCommand(library, ticks, cadence, watch));
      String theirs = ran(loopCommand(library, ticks, cadence, bare));
      java.add(figure(CPU, ours));
      c.add(figure(CPU, theirs));
      ratios.add(java.getLast() / c.getLast());
      garbage.add(figure(GARBAGE, ours) / ticks);
    }
    System.out.printf(
        Locale.ROOT,
        "| %s | %d | %s%s | %s | %s | %s | %s |%n",
        cadence,
        slow,
        watch.equals("clock") ? "call clock" : "none",
        bare.isEmpty() ? ", C timed too" : "",
        shown(c, "%.2f"),
        shown(java, "%.2f"),
        shown(ratios, "%.2f"),
        shown(garbage, "%.2f"));
  }

  private static String shown(List<Double> figures, String form) {
    Medians medians = Medians.of(figures);
    return String.format(
        Locale.ROOT,
        form + " (" + form + "–" + form + ")",
        medians.median(),
        medians.least(),
        medians.most());
  }

  private List<String> loopCommand(String library, int ticks, String cadence, String bare) {
    List<String> command =
        new ArrayList<>(
            List.of(
                built.resolve("nvml-loop").toString(),
                library,
                Integer.toString(ticks),
                "0",
                cadence));
    if (!bare.isEmpty()) {
      command.add(bare);
    }
    return command;
  }

  private static List<String> javaCommand(String library, int ticks, String cadence, String watch) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ReadingCost.class.getName());
    command.addAll(List.of(library, Integer.toString(ticks), cadence, watch));
    return command;
  }

  private static String ran(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.onExit().join();
    if (process.exitValue() != 0) {
      throw new BenchmarkException(command.getFirst() + " ended with " + process.exitValue());
    }
    return out;
  }

  private static double figure(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    if (!matcher.find()) {
      throw new BenchmarkException("no figure " + pattern + " in " + line);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
